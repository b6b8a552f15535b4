import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inScratch } from "./bucket.ts";
import { kubectl, withPortForward } from "./kubernetes.ts";
import type { Tools } from "./tools.ts";

/** Asks every node of a StatefulSet whether it is ready. @returns the names of its pods. @throws naming those that are not. */
export async function checkNodes(statefulSet: string, tools: Tools): Promise<string[]> {
  const path = "jsonpath={.spec.replicas}";
  const { stdout } = await kubectl(["get", `statefulset/${statefulSet}`, "-o", path], tools);
  const nodes = Array.from({ length: Number(stdout) }, (_, index) => `${statefulSet}-${index}`);
  const answers = [];
  for (const node of nodes) {
    const status = await withPortForward(`pod/${node}`, 8080, tools, async (url) => {
      const response = await fetch(`${url}/v1/.well-known/ready`, { signal: AbortSignal.timeout(10_000) });
      await response.arrayBuffer();
      return response.status;
    });
    tools.say(`${node}: ready answered ${status}`);
    answers.push({ node, status });
  }
  const unready = answers.filter(({ status }) => status !== 200).map(({ node, status }) => `${node} (${status})`);
  if (nodes.length === 0 || unready.length > 0) throw new Error(`not ready: ${unready.join(", ") || "no node at all"}`);
  return nodes;
}

/** Gives Weaviate's users the rights of infra/weaviate/roles.json; the root key goes by a file. */
export async function giveRoles(node: string, rootKey: string, tools: Tools): Promise<void> {
  await inScratch(async (folder) => {
    const key = join(folder, "key");
    await writeFile(key, rootKey, { mode: 0o600 });
    await withPortForward(`pod/${node}`, 8080, tools, async (url) => {
      const script = ["bin/run.mjs", "infra/weaviate/roles.ts", "--url", url, "--key-file", key];
      await tools.change(process.execPath, script, { show: true });
    });
  });
}
