import { ingestImage } from "./ingest-image.ts";
import { type Place, until } from "./place.ts";

/** What became of an attempt to connect. An engine may drop the packets of what it refuses or reject them, so both are `closed`. */
export type Answer = "open" | "closed";

const script = `
const net = require("node:net");
const attempt = (target) => new Promise((settle) => {
  const [host, port] = target.split(/:(?=[0-9]+$)/);
  const socket = net.connect({ host, port: Number(port), localAddress: process.env.FROM });
  const end = (answer) => { socket.destroy(); settle([target, answer]); };
  socket.setTimeout(3000, () => end("closed"));
  socket.on("connect", () => end("open"));
  socket.on("error", ({ code }) => end(/^E(CONNREFUSED|HOSTUNREACH|ACCES)$/.test(code) ? "closed" : code));
});
Promise.all(process.argv.slice(1).map(attempt)).then((all) => console.log(JSON.stringify(Object.fromEntries(all))));
`;

export interface Probe {
  /** Tries to connect to each `host:port`. */
  connect(...targets: readonly string[]): Promise<Record<string, Answer>>;
  /** Once just these are open and those are closed: a busy machine may be late with the one and the other. @throws where it stays otherwise. */
  finds(open: readonly string[], closed: readonly string[]): Promise<void>;
}

export interface PodProbe extends Probe {
  /** Of the pod, which takes connections on port 8080. */
  readonly address: string;
}

/** A pod that tries connections: as restricted as every other, with the labels that a policy may choose it by. */
export async function startProbe(
  place: Place,
  name: string,
  labels: Readonly<Record<string, string>>,
  { namespace = "isthmus", refused = "10.96.0.1:443" }: { namespace?: string; refused?: string | undefined } = {},
): Promise<PodProbe> {
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels },
    spec: {
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "probe",
          image: ingestImage,
          imagePullPolicy: "Never",
          command: [
            "/nodejs/bin/node",
            "-e",
            "require('node:net').createServer((socket) => socket.end()).listen(8080)",
          ],
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
        },
      ],
    },
  };
  const { status, body } = await place.cluster.send("POST", `/api/v1/namespaces/${namespace}/pods`, pod);
  if (status !== 201) throw new Error(`pod ${name}: ${status} ${JSON.stringify(body)}`);
  await place.kubectl("-n", namespace, "wait", "--for=condition=Ready", `pod/${name}`, "--timeout=240s");
  const address = await place.kubectl("-n", namespace, "get", "pod", name, "-o", "jsonpath={.status.podIP}");
  const probe = probeBy(name, async (...targets) => {
    const command = ["exec", name, "--", "/nodejs/bin/node", "-e", script, ...targets];
    return JSON.parse(await place.kubectl("-n", namespace, ...command));
  });
  // The engine learns of a new pod a moment after it runs; until then nothing is refused.
  if (refused !== undefined)
    await until(`policies on ${name}`, async () => (await probe.connect(refused))[refused] === "closed");
  return { address, ...probe };
}

/** Somebody beyond the cluster, who comes from that address. */
export async function startOutsider({ cluster }: Place, address: string): Promise<Probe> {
  await cluster.inLan(["ip", "addr", "replace", `${address}/32`, "dev", "bridge0"]);
  return probeBy(address, async (...targets) =>
    JSON.parse(await cluster.inLan(["env", `FROM=${address}`, process.execPath, "-e", script, ...targets])),
  );
}

function probeBy(name: string, connect: Probe["connect"]): Probe {
  return {
    connect,
    async finds(open, closed) {
      await until(`what ${name} may reach`, async () => {
        const found = await connect(...open, ...closed);
        const wrong = Object.entries(found).filter(
          ([target, answer]) => answer !== (open.includes(target) ? "open" : "closed"),
        );
        if (wrong.length > 0) throw new Error(wrong.map((one) => one.join(" is ")).join(", "));
        return true;
      });
    },
  };
}
