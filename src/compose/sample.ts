import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Settings } from "../config/settings.ts";
import type { Manifest } from "../core/ports.ts";
import type { IngestEngine } from "./ingest-engine.ts";
import { packageRoot } from "./package.ts";

const entriesPerPage = 500;

/** What a bare `isthmus start` indexes: the project's own documentation. */
export function sampleLocations(): string[] {
  return [join(packageRoot(), "docs"), join(packageRoot(), "README.md")].filter((path) => existsSync(path));
}

/**
 * Notes, before they are indexed, which scopes hold sample documents only: what a person had indexed there before is
 * theirs and stays.
 */
export async function markSample(settings: Settings, manifest: Manifest, scopes: readonly string[]): Promise<void> {
  // The sample is of the local index alone.
  if (settings.weaviate !== undefined) return;
  const marked = await readMarker(settings);
  for (const scope of scopes) {
    if (!marked.includes(scope) && !(await holdsAny(manifest, scope))) marked.push(scope);
  }
  if (marked.length > 0) await writeFile(markerOf(settings), `${JSON.stringify({ scopes: marked })}\n`);
}

/**
 * Removes the sample documents, once a person indexes documents of their own, except those that lie in `kept`.
 *
 * @param kept scopes that the person named.
 * @returns how many documents were removed.
 */
export async function removeSample(engine: IngestEngine, settings: Settings, kept: readonly string[]): Promise<number> {
  if (settings.weaviate !== undefined) return 0;
  let removed = 0;
  for (const scope of await readMarker(settings)) {
    for (const uri of await urisIn(engine.manifest, scope)) {
      if (kept.some((own) => covers(own, uri))) continue;
      removed += (await engine.remove(uri, { allowMassDelete: true })).removed;
    }
  }
  await rm(markerOf(settings), { force: true });
  return removed;
}

function markerOf(settings: Settings): string {
  return join(settings.dataDir, "sample.json");
}

/** A marker that cannot be read marks nothing: at worst the sample documents stay. */
async function readMarker(settings: Settings): Promise<string[]> {
  try {
    const marker: unknown = JSON.parse(await readFile(markerOf(settings), "utf8"));
    const scopes = typeof marker === "object" && marker !== null && "scopes" in marker ? marker.scopes : [];
    return Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === "string") : [];
  } catch {
    return [];
  }
}

async function holdsAny(manifest: Manifest, scope: string): Promise<boolean> {
  return (await urisIn(manifest, scope, 1)).length > 0;
}

/** URIs in the scope of documents, indexed or failed. */
async function urisIn(manifest: Manifest, scope: string, most = Number.POSITIVE_INFINITY): Promise<string[]> {
  if (!scope.endsWith("/")) {
    const [entry] = await manifest.entries([scope]);
    return entry?.current?.state === "indexed" || entry?.failure !== undefined ? [scope] : [];
  }
  const uris: string[] = [];
  for (;;) {
    const page = await manifest.page(scope, uris.at(-1), Math.min(entriesPerPage, most));
    uris.push(...page.map((entry) => entry.uri));
    if (page.length === 0 || uris.length >= most) return uris;
  }
}

function covers(scope: string, uri: string): boolean {
  return scope.endsWith("/") ? uri.startsWith(scope) : uri === scope;
}
