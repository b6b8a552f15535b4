// `npm run cluster`: a Kubernetes of real nodes on this machine, to try things by hand. See `npm run cluster -- --help`.
import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Overlay, openPlace } from "../test/cluster/place.ts";
import { goBinary } from "../test/peers/binaries.ts";
import { clusterMissing } from "../test/peers/cluster/able.ts";
import { goPrograms } from "../test/peers/programs.ts";

const help = `Starts a Kubernetes of real nodes on this machine, until Ctrl-C: control plane, containerd, kubelets, network policies, disks, the
internal load balancer, the metadata server and Cloud Storage, each node in namespaces and a control group of its own.

npm run cluster -- [--nodes 1..4] [--deploy starter|production] [--kubeconfig FILE] [--json]

  --nodes       how many nodes, each in a zone of its own (default 2; production needs 3)
  --deploy      deploys Weaviate by that overlay of infra/k8s
  --kubeconfig  where to write what kubectl needs (default ./kubeconfig-cluster)
  --json        the addresses as one line of JSON

It needs Linux, root, Debian's apt, Go and openssl. The first start builds what it needs (about 20 minutes), once; later ones take some
20 seconds. Nothing is left behind, however it ends.

Example: npm run cluster -- --nodes 2 --deploy starter
         KUBECONFIG=./kubeconfig-cluster kubectl -n isthmus get pods
`;

const options = {
  help: { type: "boolean", short: "h" },
  json: { type: "boolean" },
  nodes: { type: "string", default: "2" },
  deploy: { type: "string" },
  kubeconfig: { type: "string", default: "kubeconfig-cluster" },
} as const;
const tell = (line: string) => void process.stderr.write(`cluster: ${line}\n`);

try {
  process.exitCode = await main();
} catch (error) {
  tell(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options });
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  const nodes = Number(values.nodes);
  const { deploy } = values;
  if (![1, 2, 3, 4].includes(nodes)) throw new Error(`--nodes ${values.nodes}: a cluster has 1 to 4; see --help`);
  if (deploy !== undefined && deploy !== "starter" && deploy !== "production")
    throw new Error(`--deploy ${deploy}: starter and production are the overlays; see --help`);
  if (deploy === "production" && nodes < 3)
    throw new Error(`production needs --nodes 3 or 4: one for each of its zones`);
  const missing = await clusterMissing(tell);
  if (missing !== false) throw new Error(missing);
  await run(nodes, deploy, join(process.cwd(), values.kubeconfig), values.json === true);
  return 0;
}

async function run(nodes: number, overlay: Overlay | undefined, file: string, json: boolean): Promise<void> {
  const ended = new Promise<void>((settle) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => settle());
  });
  tell(`starting ${nodes} nodes`);
  const place = await openPlace(nodes);
  try {
    if (overlay !== undefined) {
      tell(`deploying ${overlay}`);
      await place.deploy(overlay);
    }
    copyFileSync(place.cluster.kubeconfig, file);
    const { url, grpcUrl, authorityFile } = place.weaviate;
    const told = {
      kubeconfig: file,
      kubectl: (await goBinary(goPrograms.kubectl)).path ?? "kubectl",
      storage: place.storage.url,
      ...(overlay !== undefined && { weaviate: url, grpc: grpcUrl, authorityFile }),
    };
    if (json) process.stdout.write(`${JSON.stringify(told)}\n`);
    else {
      for (const [name, value] of Object.entries(told)) process.stdout.write(`${name.padEnd(14)} ${value}\n`);
      process.stdout.write(`\nUntil Ctrl-C. Elsewhere: ${told.kubectl} --kubeconfig ${file} get nodes\n`);
    }
    await ended;
  } finally {
    rmSync(file, { force: true });
    await place.stop();
  }
}
