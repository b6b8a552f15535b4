import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CollectedSpan } from "../peers/otel-collector.ts";
import { root } from "../support/cli.ts";

/** Names of spans and attributes that docs/telemetry.md does not list. */
export function unlisted(spans: readonly CollectedSpan[]): string[] {
  const page = readFileSync(join(root, "docs/telemetry.md"), "utf8");
  const listed = new Set([...page.matchAll(/`([^`\n]+)`/g)].map(([, name]) => name));
  const names = spans.flatMap(({ name, attributes }) => [plain(name), ...Object.keys(attributes)]);
  return [...new Set(names)].filter((name) => !listed.has(name)).sort();
}

/** A model's name, a route and a method of Weaviate stand for all of their kind. */
function plain(name: string): string {
  return name
    .replace(/^(embeddings|generate_content) .+/, "$1 MODEL")
    .replace(/^[A-Z]+ \/.*/, "POST /query")
    .replace(/^weaviate\.v1\.Weaviate\/.*/, "weaviate.v1.Weaviate/Search");
}
