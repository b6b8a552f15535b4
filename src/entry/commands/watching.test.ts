import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { IngestEngine } from "../../compose/ingest-engine.ts";
import { openSource } from "../../compose/source.ts";
import { parseSettings } from "../../config/parse.ts";
import { createOutput } from "../terminal/output.ts";
import { addSummaries } from "./summaries.ts";
import { type Watching, watch } from "./watching.ts";

const nothing = addSummaries([]);

/** Watches a real folder of files for an engine that notes what it is asked for. */
async function watchFolder(context: TestContext, files: number) {
  const root = mkdtempSync(join(tmpdir(), "isthmus-watching-"));
  const file = (index: number) => join(root, `doc-${index}.txt`);
  for (let index = 0; index < files; index++) writeFileSync(file(index), "alpha");
  const settings = parseSettings({ ISTHMUS_DATA_DIR: join(root, ".data") });
  const source = await openSource(root, settings);
  const asked: (readonly string[])[] = [];
  const first = Promise.withResolvers<void>();
  const engine: Pick<IngestEngine, "ingest" | "refresh"> = {
    async refresh(_source, hints, options) {
      asked.push(hints.map(({ uri }) => uri));
      for (const { uri } of hints) options?.onResult?.({ uri, outcome: "unchanged" });
      first.resolve();
      return nothing;
    },
    ingest: async () => nothing,
  };
  const watching: Watching = await watch(
    engine,
    [{ location: root, source }],
    settings,
    undefined,
    createOutput(true),
    new AbortController().signal,
  );
  context.after(async () => {
    await watching.close();
    await source.close();
    rmSync(root, { recursive: true });
  });
  return { watching, asked, first: first.promise, file };
}

test("many files that go at once are one run, so that the guard against mass deletes sees them all", async (context) => {
  const { watching, asked, first, file } = await watchFolder(context, 1200);
  watching.begin();
  for (let index = 0; index < 1200; index++) rmSync(file(index));
  await first;
  assert.equal(asked[0]?.length, 1200);
});

test("hints that wait for the first scan are dropped by a close, and looked at by none", async (context) => {
  const { watching, asked, file } = await watchFolder(context, 3);
  rmSync(file(0));
  // Longer than the quiet time after which a change is told; nothing is asserted about it.
  await new Promise((resolve) => setTimeout(resolve, 600));
  await watching.close();
  watching.begin();
  assert.deepEqual(asked, []);
});
