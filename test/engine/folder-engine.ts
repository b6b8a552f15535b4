import { writeFileSync } from "node:fs";
import type { TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import type { Source } from "../../src/core/ports.ts";
import { createWorkspace, openTestEngine, type TestEngine, type Workspace } from "../support/workspace.ts";

/** An engine over an empty folder, for the length of one test. */
export async function setUp(
  context: TestContext,
  options: Parameters<typeof openTestEngine>[1] = {},
): Promise<{ workspace: Workspace; engine: TestEngine }> {
  const workspace = createWorkspace();
  const engine = await openTestEngine(workspace, options);
  context.after(async () => {
    await engine.close();
    workspace.remove();
  });
  return { workspace, engine };
}

export function write(workspace: Workspace, name: string, text: string | Uint8Array): void {
  writeFileSync(workspace.path(name), text);
}

export function uriOf(workspace: Workspace, name: string): string {
  return pathToFileURL(workspace.path(name)).href;
}

/** `count` documents that the word "alpha" finds. */
export function many(workspace: Workspace, count: number): void {
  for (let index = 0; index < count; index++) write(workspace, `doc-${index}.txt`, `alpha number ${index}`);
}

/** The texts that a word finds, in the order of the alphabet. */
export async function found(engine: TestEngine, word: string): Promise<string[]> {
  const hits = await engine.read((reader) => reader.search({ mode: "keyword", terms: [word], limit: 50 }));
  return hits.map((hit) => hit.content).sort();
}

/** Counts how often documents are read. */
export function countReads() {
  let reads = 0;
  return {
    reads: () => reads,
    wrap: (source: Source): Source => ({
      ...source,
      read(ref, signal) {
        reads++;
        return source.read(ref, signal);
      },
    }),
  };
}
