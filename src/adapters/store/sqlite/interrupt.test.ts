import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { SearchQuery } from "../../../core/types.ts";
import { attempt, index, rejectsWith, vectorOf } from "../contract/harness.ts";
import { openForReading, openForWriting } from "./database.ts";
import { interrupted } from "./interrupt.ts";
import { createSearch } from "./search.ts";
import { createSqliteStore } from "./store.ts";

const identity = { model: "test/model", dimensions: 16, revision: "r1" };
const vector = vectorOf("question", identity.dimensions);
const documents = 2;
const chunks = 3_000;

async function filled(t: TestContext): Promise<{ directory: string; file: string }> {
  const directory = await mkdtemp(join(tmpdir(), "isthmus-store-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const store = createSqliteStore({ directory });
  const writer = await store.openWriter(identity);
  const bench = { store, identity, writer, reader: undefined as never };
  const parts = Array.from({ length: chunks }, (_, at) => ({ metadata: { year: 1900 + (at % 100), k: "v" } }));
  for (let document = 0; document < documents; document++) await index(bench, attempt(`file:///${document}`), parts);
  await writer.close();
  return { directory, file: join(directory, "index.sqlite") };
}

/** Puts more metadata into the index than anybody comes to the end of who filters by k=v: a row for every three chunks. */
function makeEndless(file: string): void {
  const database = openForWriting(file, identity);
  database.exec(`
    DROP TABLE metadata;
    CREATE VIEW metadata AS SELECT 'k' AS key, 'v' AS value, a.id + b.id + c.id AS chunk, NULL AS axis, NULL AS at
      FROM chunk a CROSS JOIN chunk b CROSS JOIN chunk c`);
  database.close();
}

test("every kind of search looks again and again whether it is to go on, and leaves the index as it was", async (t) => {
  const { file } = await filled(t);
  const database = openForReading(file, identity, 1_000_000);
  let looks = 0;
  let allowed = Number.POSITIVE_INFINITY;
  const search = createSearch(database, identity.dimensions, {
    throwIfInterrupted() {
      if (++looks > allowed) throw interrupted();
    },
  });
  const range = { year: { from: 1900, to: 2000 } };
  const searches: Record<string, SearchQuery> = {
    keyword: { mode: "keyword", limit: 5, terms: ["common"] },
    "vector by codes": { mode: "vector", limit: 5, vector },
    "vector within a filter, by codes": { mode: "vector", limit: 5, vector, filter: { range } },
    "vector within a filter, exactly": { mode: "vector", limit: 5, vector, filter: { uri: "file:///1" } },
    "keyword within metadata": { mode: "keyword", limit: 5, terms: ["common"], filter: { metadata: { k: "v" } } },
    "a filter that finds nothing": {
      mode: "keyword",
      limit: 5,
      terms: ["common"],
      filter: { uri: "file:///0", range: { year: { to: 1 } } },
    },
  };
  for (const [name, query] of Object.entries(searches)) {
    allowed = Number.POSITIVE_INFINITY;
    search.run(query); // Reads the codes.
    looks = 0;
    const whole = search.run(query);
    const needed = looks;
    if (name !== "a filter that finds nothing") assert.equal(whole.length, 5, name);
    assert.ok(needed >= (name === "vector by codes" ? 10 : (documents * chunks) / 32 / 2), `${name}: ${needed} looks`);
    for (const after of [0, Math.floor(needed / 2), needed - 1]) {
      looks = 0;
      allowed = after;
      assert.throws(() => search.run(query), rejectsWith("cancelled"), `${name} after ${after} of ${needed}`);
      assert.equal(looks, after + 1, "nothing is done after that");
    }
    allowed = Number.POSITIVE_INFINITY;
    assert.deepEqual(search.run(query), whole, `${name} once more`);
  }
  database.close();
});

test("a query without end holds nobody up, and ends with its signal", async (t) => {
  const { directory, file } = await filled(t);
  makeEndless(file);
  const endless: SearchQuery = { mode: "keyword", limit: 1, terms: ["common"], filter: { metadata: { k: "v" } } };
  const ordinary: SearchQuery = { mode: "hybrid", limit: 3, vector, terms: ["common"] };
  const two = await createSqliteStore({ directory, readerWorkers: 2 }).openReader(identity);
  const abort = new AbortController();
  const running = two.search(endless, abort.signal);
  for (let query = 0; query < 3; query++) assert.equal((await two.search(ordinary)).length, 3);
  abort.abort();
  await assert.rejects(running, rejectsWith("cancelled"));
  await two.close();

  // With one worker the next search shows that the first has ended.
  const one = await createSqliteStore({ directory, readerWorkers: 1 }).openReader(identity);
  for (let round = 0; round < 2; round++) {
    await assert.rejects(one.search(endless, AbortSignal.timeout(20)), rejectsWith("cancelled"));
    assert.equal((await one.search(ordinary)).length, 3);
  }
  await one.close();
});
