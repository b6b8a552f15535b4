import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { inScratch } from "../bucket.ts";
import { defineCommand } from "../command.ts";
import { clusterOptions, connect, kubectl, manifestsIn, serverSide, submit } from "../kubernetes.ts";
import { overlay } from "../settings.ts";
import { rollBackStatefulSet, rolledOut, showPods, updateRevision } from "../stateful-set.ts";
import { checkNodes, giveRoles } from "../weaviate.ts";
import { bringKeys, keysNote, keyVersionsIn } from "../weaviate-keys.ts";

export const deployWeaviate = defineCommand({
  summary: "Deploys Weaviate to GKE and waits until every node is ready and counts as available",
  details: `Brings Secret weaviate-secrets to the versions of Secret Manager that settings.env names, applies the overlay, waits for the
rollout, asks every node for /v1/.well-known/ready, and gives the users their roles. Nodes start again, one by one, when their keys or
their certificate changed. A rollout that does not become ready goes back to the revision before. A dry run has the API server check every
object, and shows what would differ.`,
  example: "--project my-project --overlay starter --dry-run",
  options: {
    ...clusterOptions,
    overlay,
    timeout: { about: "How long the rollout may take, as kubectl writes it", fallback: "20m" },
    "hold-switch": { about: "Leaves the load balancer where it leads to now (starter-to-production.md)", flag: true },
    revoke: { about: "Takes keys away at once, though clients may still use them: after a leak", flag: true },
  },
  async run(values, tools) {
    const manifests = manifestsIn(values);
    const settings = await checkedSettings(join(manifests, "base/settings.env"));
    const versions = keyVersionsIn(settings);
    await connect(values, tools);
    await submit(["apply", ...serverSide, "-f", join(manifests, "base/namespace.yaml")], tools);
    const certificate = await kubectl(["get", "secret", "weaviate-tls", "-o", "jsonpath={.data}"], tools, {
      expected: [0, 1],
    });
    if (certificate.code !== 0)
      throw new Error("Secret weaviate-tls is not there; Weaviate needs its certificate first (docs/operations).");
    const { rootKey, checksum } = await bringKeys(
      { project: values.project, versions, revoke: values.revoke === "true" },
      tools,
    );
    const notes = {
      [keysNote]: checksum,
      "isthmus/certificate": createHash("sha256").update(certificate.stdout).digest("hex"),
    };

    return await inScratch(async (folder) => {
      const file = join(folder, "manifests.yaml");
      const { stdout: built } = await tools.ask("kubectl", ["kustomize", join(manifests, "overlays", values.overlay)]);
      await writeFile(file, completed(built, { notes, holdSwitch: values["hold-switch"] === "true" }));
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
      await giveRoles(nodes[0] ?? "", rootKey, tools);
      return { summary: `${name}: ${nodes.length} of ${nodes.length} nodes ready`, data: { statefulSet: name, nodes } };
    });
  },
});

interface Completion {
  /** Annotations of the pods: a pod template that differs is rolled out, so they start again with what they tell of. */
  readonly notes: Readonly<Record<string, string>>;
  readonly holdSwitch: boolean;
}

function completed(built: string, { notes, holdSwitch }: Completion): string {
  const documents = parseAllDocuments(built).filter(
    (document) => !holdSwitch || document.getIn(["metadata", "labels", "isthmus/step"]) !== "switch",
  );
  for (const document of documents.filter((each) => each.get("kind") === "StatefulSet"))
    for (const [name, value] of Object.entries(notes))
      document.setIn(["spec", "template", "metadata", "annotations", name], value);
  return documents.map((document) => String(document).replace(/^---\n/, "")).join("---\n");
}

/** What an installation must say first: its own names, and an image that cannot change under it. @returns the file's text. */
async function checkedSettings(file: string): Promise<string> {
  const text = await readFile(file, "utf8");
  const settings = text.split("\n").filter((line) => !line.startsWith("#"));
  if (settings.some((line) => line.includes("your-project-id")))
    throw new Error(`${file} still holds the example's names; docs/operations/pipeline.md says what goes there.`);
  if (!settings.some((line) => /^WEAVIATE_IMAGE=\S+@sha256:[0-9a-f]{64}$/.test(line)))
    throw new Error(`WEAVIATE_IMAGE in ${file} is not pinned by digest; the comment beside it says how to find one.`);
  return text;
}
