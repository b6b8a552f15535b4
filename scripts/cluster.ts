// `npm run cluster`: a Kubernetes of real nodes on this machine, to try things by hand. See `npm run cluster -- --help`.
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openPlace } from "../test/cluster/place.ts";
import { clusterMissing } from "../test/peers/cluster/able.ts";

const help = `Starts a Kubernetes of real nodes on this machine, until Ctrl-C: control plane, containerd, kubelets, network policies, disks, the
internal load balancer, the metadata server and Cloud Storage, each node in namespaces and a control group of its own.

npm run cluster -- [--nodes 1..4] [--deploy starter|production] [--kubeconfig FILE] [--json]

  --nodes       how many nodes, each in a zone of its own (default 2; production needs 3)
  --deploy      deploys Weaviate by that overlay of infra/k8s
  --kubeconfig  where to write what kubectl needs (default ./kubeconfig-cluster)
  --json        the addresses as one line of JSON

It needs Linux, root, Debian's apt, Go and openssl. The first start builds what it needs (about 40 minutes), once; later ones take some
20 seconds. Nothing is left behind, however it ends.

Example: npm run cluster -- --nodes 2 --deploy starter
         KUBECONFIG=./kubeconfig-cluster kubectl -n isthmus get pods
`;

const { values } = parseArgs({
  options: {
    help: { type: "boolean", short: "h" },
    json: { type: "boolean" },
    nodes: { type: "string", default: "2" },
    deploy: { type: "string" },
    kubeconfig: { type: "string", default: "kubeconfig-cluster" },
  },
});
const nodes = Number(values.nodes);
const { deploy } = values;
if (values.help === true) process.stdout.write(help);
else if (!(nodes >= 1 && nodes <= 4) || (deploy !== undefined && deploy !== "starter" && deploy !== "production")) {
  process.stderr.write(help);
  process.exitCode = 1;
} else {
  const tell = (line: string) => process.stderr.write(`cluster: ${line}\n`);
  const missing = await clusterMissing(tell);
  if (missing !== false) {
    tell(missing);
    process.exitCode = 1;
  } else await run(deploy);
}

async function run(overlay: "starter" | "production" | undefined): Promise<void> {
  const ended = new Promise<void>((settle) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => settle());
  });
  const tell = (line: string) => process.stderr.write(`cluster: ${line}\n`);
  tell(`starting ${nodes} nodes`);
  const place = await openPlace(nodes);
  try {
    if (overlay !== undefined) {
      tell(`deploying ${overlay}`);
      await place.deploy(overlay);
    }
    const file = join(process.cwd(), values.kubeconfig);
    copyFileSync(place.cluster.kubeconfig, file);
    const { url, grpcUrl, authorityFile } = place.weaviate;
    const told = {
      kubeconfig: file,
      storage: place.storage.url,
      ...(overlay !== undefined && { weaviate: url, grpc: grpcUrl, authorityFile }),
    };
    if (values.json === true) process.stdout.write(`${JSON.stringify(told)}\n`);
    else {
      for (const [name, value] of Object.entries(told)) process.stdout.write(`${name.padEnd(14)} ${value}\n`);
      process.stdout.write("\nUntil Ctrl-C. Elsewhere: kubectl --kubeconfig kubeconfig-cluster get nodes\n");
    }
    await ended;
  } finally {
    await place.stop();
  }
}
