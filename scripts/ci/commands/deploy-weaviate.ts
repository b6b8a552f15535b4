import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inScratch } from "../bucket.ts";
import { defineCommand } from "../command.ts";
import { clusterOptions, connect, kubectl, manifestsIn, serverSide, submit } from "../kubernetes.ts";
import { overlay } from "../settings.ts";
import { rollBackStatefulSet, rolledOut, showPods, updateRevision } from "../stateful-set.ts";
import { checkNodes, giveRoles } from "../weaviate.ts";

export const deployWeaviate = defineCommand({
  summary: "Deploys Weaviate to GKE and waits until every node is ready and counts as available",
  details: `Updates Secret weaviate-secrets from Secret Manager, applies the overlay, waits for the rollout, asks every node for
/v1/.well-known/ready, and gives the users their roles. A rollout that does not become ready goes back to the revision before.
A dry run has the API server check every object, and shows what would differ.`,
  example: "--project my-project --overlay starter --dry-run",
  options: {
    ...clusterOptions,
    overlay,
    timeout: { about: "How long the rollout may take, as kubectl writes it", fallback: "20m" },
  },
  async run(values, tools) {
    const manifests = manifestsIn(values);
    await checkSettings(join(manifests, "base/settings.env"));
    await connect(values, tools);
    await submit(["apply", ...serverSide, "-f", join(manifests, "base/namespace.yaml")], tools);
    const dryRun = tools.dryRun ? ["--dry-run"] : [];
    await tools.ask("scripts/ci/weaviate-secrets.sh", ["--project", values.project, ...dryRun], { show: true });
    const certificate = await kubectl(["get", "secret", "weaviate-tls", "-o", "name"], tools, { expected: [0, 1] });
    if (certificate.code !== 0)
      throw new Error("Secret weaviate-tls is not there; Weaviate needs its certificate first (docs/operations).");

    return await inScratch(async (folder) => {
      const file = join(folder, "manifests.yaml");
      await writeFile(
        file,
        (await tools.ask("kubectl", ["kustomize", join(manifests, "overlays", values.overlay)])).stdout,
      );
      // The whole is checked before any of it is applied.
      const checked = await kubectl(["apply", ...serverSide, "--dry-run=server", "-o", "name", "-f", file], tools);
      const [, name] = /^statefulset\.apps\/(\S+)/m.exec(checked.stdout) ?? [];
      if (name === undefined) throw new Error(`overlay ${values.overlay} has no StatefulSet`);
      if (tools.dryRun) {
        const { stdout } = await kubectl(["diff", ...serverSide, "-f", file], tools, { expected: [0, 1] });
        return { summary: stdout === "" ? "nothing would change" : stdout, data: { statefulSet: name } };
      }
      await submit(["apply", ...serverSide, "-f", file], tools, { show: true });
      if (!(await rolledOut(name, values.timeout, tools))) {
        await showPods(name, tools);
        const failed = await updateRevision(name, tools);
        const end = await rollBackStatefulSet(name, { failed, timeout: values.timeout }, tools).then(
          () => "was rolled back to the revision before",
          (error: Error) => `could not be rolled back: ${error.message}`,
        );
        throw new Error(`${name} did not become ready within ${values.timeout}; it ${end}.`);
      }
      const nodes = await checkNodes(name, tools);
      await giveRoles(nodes[0] ?? "", values.project, tools);
      return { summary: `${name}: ${nodes.length} of ${nodes.length} nodes ready`, data: { statefulSet: name, nodes } };
    });
  },
});

/** What an installation must say first: its own names, and an image that cannot change under it. */
async function checkSettings(file: string): Promise<void> {
  const text = await readFile(file, "utf8");
  const settings = text.split("\n").filter((line) => !line.startsWith("#"));
  if (settings.some((line) => line.includes("your-project-id")))
    throw new Error(`${file} still holds the example's names; docs/operations/pipeline.md says what goes there.`);
  if (!settings.some((line) => /^WEAVIATE_IMAGE=\S+@sha256:[0-9a-f]{64}$/.test(line)))
    throw new Error(`WEAVIATE_IMAGE in ${file} is not pinned by digest; the comment beside it says how to find one.`);
}
