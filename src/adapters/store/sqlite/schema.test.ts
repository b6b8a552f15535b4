import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { attempt, index, vectorOf, visible } from "../contract/harness.ts";
import { openForWriting } from "./database.ts";
import { assertConsistent } from "./integrity.testing.ts";
import { createVersion1 } from "./schema.testing.ts";
import { SCHEMA_VERSION } from "./schema.ts";
import { createSqliteStore } from "./store.ts";

const identity = { model: "test/model", dimensions: 32, revision: "r1" };
const vectorFor = (name: string) => vectorOf(name, identity.dimensions);
const names = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}${at}`);

async function folder(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "isthmus-store-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

test("an index of the first schema is brought up to date by a writer, and keeps what is good in it", async (t) => {
  const directory = await folder(t);
  const file = join(directory, "index.sqlite");
  const old = createVersion1(file, identity);
  old.addChunks(1, names("a", 3), vectorFor);
  old.commit("file:///a", 1, 3);
  old.addChunks(2, names("b", 2), vectorFor);
  old.commit("file:///b", 2, 2);
  // Two writers that numbered alike: the chunks of one document under the row of another.
  old.addChunks(3, names("c", 2), vectorFor);
  old.addChunks(3, names("d", 2), vectorFor);
  old.commit("file:///d", 3, 2);
  // And one whose row was replaced without its chunks.
  old.addChunks(4, names("e", 1), vectorFor);
  old.database.close();

  const store = createSqliteStore({ directory });
  const before = await store.openReader(identity);
  assert.equal(
    (await before.search({ mode: "keyword", limit: 3, terms: ["common"], filter: { uri: "file:///a" } })).length,
    3,
  );
  const writer = await store.openWriter(identity);
  const reader = await store.openReader(identity);
  const bench = { store, identity, writer, reader };
  assert.deepEqual(await visible(bench, "file:///"), [
    ...Array.from({ length: 3 }, () => "file:///a v1 0"),
    ...Array.from({ length: 2 }, () => "file:///b v1 0"),
  ]);
  assert.deepEqual(await writer.entries(["file:///d"]), [{ uri: "file:///d" }]);
  await index(bench, attempt("file:///d"), [{}, {}]);
  assert.equal((await visible(bench, "file:///d")).length, 2);
  assert.equal((await before.search({ mode: "keyword", limit: 9, terms: ["common"] })).length, 7, "opened before");
  await Promise.all([before.close(), reader.close()]);
  await writer.close();
  assert.deepEqual(assertConsistent(file, identity), { documents: 3, chunks: 7 });

  const database = openForWriting(file, identity);
  assert.equal(database.prepare("PRAGMA user_version").get()?.["user_version"], SCHEMA_VERSION);
  // Ids above those of what was forgotten.
  assert.deepEqual(
    database
      .prepare("SELECT id FROM chunk ORDER BY id")
      .all()
      .map((row) => row["id"]),
    [1, 2, 3, 4, 5, 11, 12],
  );
  database.close();
});

test("the row of a removed chunk is never another's", async (t) => {
  const directory = await folder(t);
  const database = openForWriting(join(directory, "index.sqlite"), identity);
  const insert = database.prepare(
    `INSERT INTO chunk (attempt, chunk_id, ordinal, title, heading, content, start, "end", metadata, text_hash)
     VALUES (1, 'a', 0, '', '', '', 0, 0, '{}', '') RETURNING id`,
  );
  assert.equal(insert.get()?.["id"], 1);
  database.exec("DELETE FROM chunk");
  assert.equal(insert.get()?.["id"], 2);
  database.close();
});

test("a reader that lives long gives each passage once, whatever rows a writer of the first schema uses again", async (t) => {
  const directory = await folder(t);
  const old = createVersion1(join(directory, "index.sqlite"), identity);
  old.database.exec("BEGIN");
  old.addChunks(1, names("other", 5_100), vectorFor, "other");
  old.commit("file:///other", 1, 5_100);
  old.database.exec("COMMIT");
  const question = vectorFor("question");
  const near = (name: string) => vectorFor(name).map((value, at) => (question[at] ?? 0) + value / 20);
  const reader = await createSqliteStore({ directory }).openReader(identity);
  for (let save = 2; save < 6; save++) {
    old.dropChunks(save - 1 === 1 ? 0 : save - 1);
    old.addChunks(save, names(`save${save} `, 5), near, "wanted");
    old.commit("file:///saved", save, 5);
    for (const mode of ["vector", "hybrid"] as const) {
      const hits = await reader.search({ mode, limit: 20, vector: question, terms: ["wanted"] });
      assert.equal(new Set(hits.map(({ chunkId }) => chunkId)).size, 20, `${mode} after save ${save}`);
      assert.ok(hits.every(({ score }) => score <= 1 + 1e-6));
      assert.deepEqual(
        hits
          .slice(0, 5)
          .map(({ chunkId }) => chunkId)
          .sort(),
        names(`save${save} `, 5),
      );
    }
  }
  await reader.close();
  old.database.close();
});

test("over 5,000 chunks and a document saved twice, a reader that was open all along gives each passage once", async (t) => {
  const store = createSqliteStore({ directory: await folder(t) });
  const writer = await store.openWriter(identity);
  const reader = await store.openReader(identity);
  const bench = { store, identity, writer, reader };
  for (let document = 0; document < 11; document++) {
    await index(
      bench,
      attempt(`file:///${document}`),
      Array.from({ length: 500 }, () => ({ terms: "other" })),
    );
  }
  const question = vectorFor("question");
  for (let generation = 1; generation <= 3; generation++) {
    const parts = Array.from({ length: 5 }, () => ({ vector: question, terms: "wanted" }));
    await index(bench, attempt("file:///saved", generation), parts);
    const hits = await reader.search({ mode: "hybrid", limit: 20, vector: question, terms: ["wanted"] });
    assert.equal(new Set(hits.map(({ chunkId }) => chunkId)).size, 20);
    assert.ok(hits.every(({ score }) => score >= 0 && score <= 1 + 1e-6));
    assert.deepEqual(
      hits.slice(0, 5).map(({ uri, version }) => `${uri} ${version}`),
      Array.from({ length: 5 }, () => `file:///saved v${generation}`),
    );
  }
  await reader.close();
  await writer.close();
});
