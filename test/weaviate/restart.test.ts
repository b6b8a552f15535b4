import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { createWeaviateStore } from "../../src/adapters/store/weaviate/store.ts";
import { seeded } from "../support/seeded.ts";
import { objectsOf, scratchSettings, suiteWithWeaviate } from "../support/weaviate.ts";
import { createWorkspace, openTestEngine, type Workspace } from "../support/workspace.ts";

const documents = 60;
const kills = 3;

await suiteWithWeaviate("a server that is killed in the middle of an import", {}, (weaviate) => {
  test(`killed ${kills} times and started again: the run goes on, and the objects are those of an undisturbed one`, async (context) => {
    const random = seeded(context);
    const workspace = createWorkspace();
    try {
      for (let number = 0; number < documents; number++) writeFileSync(workspace.path(`${number}.md`), textOf(number));
      const undisturbed = scratchSettings(weaviate());
      await ingest(workspace, undisturbed, () => {});
      const disturbed = scratchSettings(weaviate());
      const moments = Array.from({ length: kills }, () => Math.floor(random() * documents)).sort((a, b) => a - b);
      let done = 0;
      let restarting: Promise<void> = Promise.resolve();
      let killed = 0;
      await ingest(workspace, disturbed, () => {
        done++;
        while (moments[0] !== undefined && moments[0] <= done) {
          moments.shift();
          killed++;
          restarting = restarting.then(async () => {
            await weaviate().nodes[0]?.kill();
            await weaviate().nodes[0]?.restart();
          });
        }
      });
      await restarting;
      assert.equal(killed, kills);
      const again = await ingest(workspace, disturbed, () => {});
      assert.deepEqual([again.unchanged, again.failed], [documents, 0]);
      assert.deepEqual(await dump(disturbed.collection), await dump(undisturbed.collection));
    } finally {
      workspace.remove();
    }
  });

  async function ingest(workspace: Workspace, settings: ReturnType<typeof scratchSettings>, onDocument: () => void) {
    const store = createWeaviateStore({ ...settings, url: weaviate().url, grpcUrl: weaviate().grpcUrl });
    const engine = await openTestEngine(workspace, { store });
    try {
      return await engine.ingest({ onEvent: (event) => event.kind === "document" && onDocument() });
    } finally {
      await engine.close();
    }
  }

  /** All but the times at which it came to be, and the names of attempts, which are drawn. */
  async function dump(collection: string): Promise<unknown> {
    const { chunks, manifest } = await objectsOf(weaviate(), collection);
    const rows = manifest.map(({ properties }) => {
      const { committedAt: _, attempt, ...row } = JSON.parse(String(properties["row"])) as Record<string, unknown>;
      return { ...properties, attempt: String(attempt), row: { uri: row["uri"], rest: JSON.stringify(row) } };
    });
    const uriOf = new Map(rows.map(({ attempt, row }) => [attempt, row.uri]));
    const contents = chunks.map(({ properties: { attempt, ...rest } }) => ({
      ...rest,
      committed: uriOf.get(String(attempt)) === rest["uri"],
    }));
    const inOrder = (list: readonly object[]) =>
      list.map((each) => JSON.stringify(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))).sort();
    return { chunks: inOrder(contents), rows: inOrder(rows.map(({ attempt: _, ...row }) => row)) };
  }
});

function textOf(number: number): string {
  const paragraphs = Array.from({ length: 3 + (number % 4) }, (_, at) =>
    `## Part ${at}\n\nalpha ${number} beta ${at}. `.repeat(12),
  );
  return `# Document ${number}\n\n${paragraphs.join("\n\n")}`;
}
