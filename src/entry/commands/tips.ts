import { isClone } from "../../compose/package.ts";
import type { Manifest } from "../../core/ports.ts";
import { count, type Output } from "../terminal/output.ts";
import type { Place } from "./places.ts";

/** What a person may do next, once the index is up to date. */
export async function printTips(
  output: Output,
  manifest: Manifest,
  places: readonly Place[],
  url: string,
  sample: boolean,
): Promise<void> {
  const question = sample ? "what happens when a document is deleted?" : "your question";
  output.line();
  output.line("Try next:");
  output.line(`  open ${url} in a browser, or`);
  output.line(`  curl -s ${url}/query -H 'content-type: application/json' -d '{"query": "${question}"}'`);
  output.line(`  npx isthmus query "${question}"`);
  if (sample) output.line(`  ${isClone() ? "npm start --" : "npx isthmus start"} ./my-docs      (your own files)`);
  const others = await documentsElsewhere(manifest, places);
  if (others === 0) return;
  output.line();
  output.line(
    `The index also holds ${count(others, "document")} from earlier commands: \`npx isthmus status --documents\` lists them, \`npx isthmus delete <path>\` removes them.`,
  );
}

/** Documents in the index that none of these places covers. */
async function documentsElsewhere(manifest: Manifest, places: readonly Place[]): Promise<number> {
  const all = await manifest.count("");
  let covered = 0;
  for (const { scope } of outermost(places.map((place) => place.source))) {
    if (scope.endsWith("/")) covered += (await manifest.count(scope)).documents;
    else covered += (await manifest.entries([scope])).filter((entry) => entry.current?.state === "indexed").length;
  }
  return Math.max(0, all.documents - covered);
}

/** Without those that lie in another. */
function outermost<Scoped extends { readonly scope: string }>(sources: readonly Scoped[]): Scoped[] {
  return sources.filter(
    ({ scope }) =>
      !sources.some((other) => other.scope !== scope && other.scope.endsWith("/") && scope.startsWith(other.scope)),
  );
}
