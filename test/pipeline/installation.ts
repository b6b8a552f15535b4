import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/run.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

/**
 * A copy of infra/k8s as an operator leaves it: with names of his own, and Weaviate's image pinned by digest.
 *
 * @param weaviateDigest default: one that no registry knows.
 */
export function copyManifests(folder: string, project = "example-project", weaviateDigest = digest("c")): string {
  const copy = join(folder, "k8s");
  cpSync(join(root, "infra/k8s"), copy, { recursive: true });
  const settings = join(copy, "base/settings.env");
  const text = readFileSync(settings, "utf8")
    .replaceAll("your-project-id", project)
    .replace(/^WEAVIATE_IMAGE=(\S+):[\w.]+$/m, `WEAVIATE_IMAGE=$1@${weaviateDigest}`);
  writeFileSync(settings, text);
  return copy;
}
