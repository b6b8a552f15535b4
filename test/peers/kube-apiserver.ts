import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { goBinary } from "./binaries.ts";
import { freePorts } from "./ports.ts";
import { type Program, startProgram } from "./process.ts";
import { goPrograms } from "./programs.ts";

/** Kubernetes' own API server over its own etcd, as cluster administrator. No controller and no node runs. */
export interface KubernetesApi {
  /** @param path with its query. @param body sent as JSON, which is YAML too. */
  send(method: string, path: string, body?: unknown, contentType?: string): Promise<KubernetesAnswer>;
  /** A file for KUBECONFIG, which lets kubectl in as the same administrator. */
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

export interface KubernetesAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  /** What the server thinks of an object that it takes all the same, such as a workload whose pods would be refused. */
  readonly warnings: readonly string[];
}

/** Why the API server is missing, as the reason of a skipped suite. */
export async function kubernetesMissing(): Promise<string | false> {
  return (await goBinary(goPrograms.etcd)).skip || (await goBinary(goPrograms.kubeApiserver)).skip;
}

export async function startKubernetesApi(): Promise<KubernetesApi> {
  const etcd = await goBinary(goPrograms.etcd);
  const server = await goBinary(goPrograms.kubeApiserver);
  if (etcd.path === undefined || server.path === undefined) throw new Error("etcd or kube-apiserver is missing");
  const folder = mkdtempSync(join(tmpdir(), "isthmus-kubernetes-"));
  const [clientPort = 0, peerPort = 0, securePort = 0] = await freePorts(3);
  const environment = { PATH: process.env["PATH"] ?? "", HOME: folder };
  const started: Program[] = [];
  const stop = async () => {
    for (const program of started.reverse()) await program.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const store = `http://127.0.0.1:${clientPort}`;
    started.push(
      await startProgram({
        name: "etcd",
        command: etcd.path,
        args: etcdArguments(folder, store, `http://127.0.0.1:${peerPort}`),
        environment,
        folder,
        ready: async () => (await fetch(`${store}/readyz`)).ok,
      }),
    );
    const token = randomBytes(16).toString("hex");
    const send = createSender(securePort, token, join(folder, "apiserver.crt"));
    started.push(
      await startProgram({
        name: "kube-apiserver",
        command: server.path,
        args: serverArguments(folder, store, securePort, token),
        environment,
        folder,
        ready: async () => (await send("GET", "/readyz")).status === 200,
      }),
    );
    return { send, kubeconfig: writeKubeconfig(folder, securePort, token), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function writeKubeconfig(folder: string, port: number, token: string): string {
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    "certificate-authority-data": readFileSync(join(folder, "apiserver.crt")).toString("base64"),
  };
  const file = join(folder, "kubeconfig");
  const configuration = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "peer",
    contexts: [{ name: "peer", context: { cluster: "peer", user: "administrator" } }],
    clusters: [{ name: "peer", cluster }],
    users: [{ name: "administrator", user: { token } }],
  };
  writeFileSync(file, JSON.stringify(configuration), { mode: 0o600 });
  return file;
}

function etcdArguments(folder: string, client: string, peer: string): string[] {
  return [
    `--data-dir=${join(folder, "etcd")}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    "--log-level=error",
    "--unsafe-no-fsync",
  ];
}

function serverArguments(folder: string, store: string, port: number, token: string): string[] {
  const signingKey = join(folder, "service-accounts.pem");
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(signingKey, privateKey.export({ type: "sec1", format: "pem" }), { mode: 0o600 });
  const tokens = join(folder, "tokens.csv");
  writeFileSync(tokens, `${token},administrator,administrator,system:masters\n`, { mode: 0o600 });
  return [
    `--etcd-servers=${store}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    "--endpoint-reconciler-type=none",
    `--secure-port=${port}`,
    `--cert-dir=${folder}`,
    "--service-cluster-ip-range=10.96.0.0/16",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${signingKey}`,
    `--service-account-signing-key-file=${signingKey}`,
    `--token-auth-file=${tokens}`,
    "--authorization-mode=RBAC",
    // As in GKE: it is Pod Security that refuses privileged pods.
    "--allow-privileged=true",
    "--v=0",
  ];
}

/** The certificate is the server's own, made at its start; it is read again for each call until it is there. */
export function createSender(port: number, token: string, certificate: string): KubernetesApi["send"] {
  return (method, path, body, contentType = "application/json") =>
    new Promise((resolve, reject) => {
      const call = request(
        {
          host: "127.0.0.1",
          port,
          path,
          method,
          ca: readFileSync(certificate),
          agent: false,
          headers: { authorization: `Bearer ${token}`, accept: "application/json", "content-type": contentType },
        },
        (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (piece: string) => {
            text += piece;
          });
          response.on("error", reject);
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              body: response.headers["content-type"]?.startsWith("application/json") ? JSON.parse(text) : { text },
              warnings: [response.headers["warning"] ?? []].flat(),
            }),
          );
        },
      );
      call.on("error", reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
}
