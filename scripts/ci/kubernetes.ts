import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { root } from "../run.ts";
import { project, region } from "./settings.ts";
import type { Ran, RunOptions, Tools } from "./tools.ts";

/** Options of every step that talks to the cluster. */
export const clusterOptions = {
  project,
  region,
  cluster: {
    about: 'The GKE cluster; "current" takes the cluster that kubectl is set to',
    variable: "ISTHMUS_CLUSTER",
    fallback: "weaviate-cluster",
  },
  manifests: { about: "Folder of the manifests", fallback: "infra/k8s" },
} as const;

export const namespace = "isthmus";
/** Names who owns the fields that the pipeline sets. */
export const serverSide = ["--server-side", "--field-manager=isthmus-ci", "--force-conflicts"] as const;

interface ClusterValues {
  readonly project: string;
  readonly region: string;
  readonly cluster: string;
}

/** Points kubectl at the cluster, by the DNS name of its control plane: IAM decides who gets in, from anywhere. */
export async function connect({ project: id, region: location, cluster }: ClusterValues, tools: Tools): Promise<void> {
  if (cluster === "current") return;
  const place = ["--location", location, "--project", id, "--dns-endpoint"];
  await tools.ask("gcloud", ["container", "clusters", "get-credentials", cluster, ...place]);
}

export const manifestsIn = (values: { readonly manifests: string }) => resolve(root, values.manifests);

export function kubectl(args: readonly string[], tools: Tools, options?: RunOptions): Promise<Ran> {
  return tools.ask("kubectl", ["-n", namespace, ...args], options);
}

export function changeCluster(args: readonly string[], tools: Tools, options?: RunOptions): Promise<Ran> {
  return tools.change("kubectl", ["-n", namespace, ...args], options);
}

/** As `changeCluster`, but a dry run lets the API server check it. */
export function submit(args: readonly string[], tools: Tools, options?: RunOptions): Promise<Ran> {
  return kubectl([...args, ...(tools.dryRun ? ["--dry-run=server"] : [])], tools, options);
}

/** Runs `work` with a local address of a pod's port; kubectl's tunnel needs no way through the network policies. */
export async function withPortForward<Result>(
  target: string,
  port: number,
  tools: Tools,
  work: (url: string) => Promise<Result>,
): Promise<Result> {
  const child = tools.start("kubectl", ["-n", namespace, "port-forward", target, `:${port}`]);
  const closed = new Promise<void>((settle) => child.once("close", () => settle()));
  try {
    const failed = new Promise<never>((_, reject) => child.once("error", reject));
    const local = await Promise.race([localPort(child.stdout), failed]);
    if (local === undefined) throw new Error(`kubectl forwarded no port of ${target}; its own message is above`);
    return await work(`http://127.0.0.1:${local}`);
  } finally {
    child.kill();
    await closed;
  }
}

async function localPort(output: NodeJS.ReadableStream | null): Promise<string | undefined> {
  if (output === null) return undefined;
  for await (const line of createInterface({ input: output })) {
    const [, port] = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line) ?? [];
    if (port !== undefined) return port;
  }
  return undefined;
}
