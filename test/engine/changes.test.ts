import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { dumpIndex } from "../support/dump-index.ts";
import { countReads, found, many, setUp, uriOf, write } from "./folder-engine.ts";

test("identity is the URI: a renamed copy is a second document, and costs no embedding", async (context) => {
  const { workspace, engine } = await setUp(context);
  write(workspace, "one.txt", "alpha text");
  const first = await engine.ingest();
  assert.deepEqual([first.added, first.embedded], [1, 1]);
  copyFileSync(workspace.path("one.txt"), workspace.path("sub/one.txt"));
  const second = await engine.ingest();
  assert.deepEqual([second.added, second.unchanged, second.embedded], [1, 1, 0]);
  assert.deepEqual(await found(engine, "alpha"), ["alpha text", "alpha text"]);
});

test("a rename moves the document and embeds nothing again", async (context) => {
  const { workspace, engine } = await setUp(context);
  // The title is part of what is embedded; the heading of the file gives it whatever the file's name.
  write(workspace, "old.md", "# Same title\n\nalpha text");
  await engine.ingest();
  renameSync(workspace.path("old.md"), workspace.path("new.md"));
  const { added, removed, embedded } = await engine.ingest();
  assert.deepEqual({ added, removed, embedded }, { added: 1, removed: 1, embedded: 0 });
  assert.equal((await found(engine, "alpha")).length, 1);
});

test("writing the same again changes nothing, and reads nothing", async (context) => {
  const counted = countReads();
  const { workspace, engine } = await setUp(context, { wrapSource: counted.wrap });
  many(workspace, 30);
  await engine.ingest();
  const before = await engine.read(dumpIndex);
  const readsBefore = counted.reads();
  const { unchanged, added, changed, embedded } = await engine.ingest();
  assert.deepEqual({ unchanged, added, changed, embedded }, { unchanged: 30, added: 0, changed: 0, embedded: 0 });
  assert.equal(counted.reads(), readsBefore);
  assert.deepEqual(await engine.read(dumpIndex), before);
});

test("a changed document embeds only the chunks whose text changed", async (context) => {
  const { workspace, engine } = await setUp(context);
  const section = (index: number, word: string) => `# Part ${index}\n\n${word} says part ${index}.\n\n`;
  const text = (word: string) =>
    Array.from({ length: 10 }, (_, index) => section(index, index === 4 ? word : "alpha")).join("");
  write(workspace, "a.md", `---\ntitle: Parts\n---\n${text("alpha")}`);
  const first = await engine.ingest();
  assert.deepEqual([first.chunks, first.embedded], [10, 10]);
  write(workspace, "a.md", `---\ntitle: Parts\n---\n${text("omega")}`);
  const second = await engine.ingest();
  assert.deepEqual([second.changed, second.chunks, second.embedded], [1, 10, 1]);
  assert.equal((await found(engine, "omega")).length, 1);
  assert.equal((await found(engine, "alpha")).length, 9);
});

test("only the records of a large file whose text changed are embedded again", async (context) => {
  const { workspace, engine } = await setUp(context);
  const lines = (changed: number) =>
    Array.from({ length: 500 }, (_, index) =>
      JSON.stringify({ id: `r${index}`, text: `alpha ${index === changed ? "new" : index}` }),
    ).join("\n");
  write(workspace, "records.jsonl", lines(-1));
  assert.equal((await engine.ingest()).embedded, 500);
  write(workspace, "records.jsonl", lines(250));
  const { changed, embedded, chunks } = await engine.ingest();
  assert.deepEqual({ changed, embedded, chunks }, { changed: 1, embedded: 1, chunks: 500 });
});

test("a restored older copy is a change like any other", async (context) => {
  const { workspace, engine } = await setUp(context);
  write(workspace, "a.txt", "first alpha");
  await engine.ingest();
  write(workspace, "a.txt", "second alpha");
  await engine.ingest();
  write(workspace, "a.txt", "first alpha");
  assert.equal((await engine.ingest()).changed, 1);
  assert.deepEqual(await found(engine, "alpha"), ["first alpha"]);
});

test("a deleted document stops answering, and can come back", async (context) => {
  const { workspace, engine } = await setUp(context);
  many(workspace, 3);
  await engine.ingest();
  rmSync(workspace.path("doc-1.txt"));
  assert.equal((await engine.ingest()).removed, 1);
  assert.deepEqual(await found(engine, "alpha"), ["alpha number 0", "alpha number 2"]);
  write(workspace, "doc-1.txt", "alpha number 1");
  assert.equal((await engine.ingest()).added, 1);
  assert.equal((await found(engine, "alpha")).length, 3);
});

test("a mass delete stops before anything is changed, and goes on when allowed", async (context) => {
  const { workspace, engine } = await setUp(context);
  many(workspace, 50);
  await engine.ingest();
  for (let index = 0; index < 21; index++) rmSync(workspace.path(`doc-${index}.txt`));
  write(workspace, "new.txt", "alpha new");
  await assert.rejects(engine.ingest({ allowMassDelete: false }), { code: "mass_delete_refused" });
  assert.equal((await found(engine, "alpha")).length, 50);
  const { removed, added } = await engine.ingest({ allowMassDelete: true });
  assert.deepEqual({ removed, added }, { removed: 21, added: 1 });
});

test("twenty documents may go without asking, however large their share", async (context) => {
  const { workspace, engine } = await setUp(context);
  many(workspace, 20);
  await engine.ingest();
  rmSync(workspace.documents, { recursive: true });
  mkdirSync(workspace.documents);
  assert.equal((await engine.ingest({ allowMassDelete: false })).removed, 20);
});

test("an emptied file stops answering", async (context) => {
  const { workspace, engine } = await setUp(context);
  write(workspace, "a.txt", "alpha");
  await engine.ingest();
  write(workspace, "a.txt", "");
  const { empty, failed } = await engine.ingest();
  assert.deepEqual({ empty, failed }, { empty: 1, failed: 0 });
  assert.deepEqual(await found(engine, "alpha"), []);
});

test("hints refresh single documents: added, changed, removed, and what is not in scope", async (context) => {
  const { workspace, engine } = await setUp(context);
  many(workspace, 3);
  await engine.ingest();
  write(workspace, "doc-0.txt", "alpha changed");
  write(workspace, "new.txt", "alpha new");
  rmSync(workspace.path("doc-2.txt"));
  const hints = ["doc-0.txt", "doc-1.txt", "doc-2.txt", "new.txt", "never.txt"].map((name) => uriOf(workspace, name));
  const { added, changed, removed, unchanged } = await engine.refresh(hints);
  assert.deepEqual({ added, changed, removed, unchanged }, { added: 1, changed: 1, removed: 1, unchanged: 1 });
  assert.deepEqual(await found(engine, "alpha"), ["alpha changed", "alpha new", "alpha number 1"]);
});

test("rename-folder: a folder that is renamed is no mass delete: its contents are found again under their new names", async (context) => {
  const { workspace, engine } = await setUp(context);
  const files = Array.from({ length: 30 }, (_, at) => `${at}.md`);
  // The title is part of what is embedded; the heading gives it whatever the file's name.
  for (const name of files) write(workspace, `old/${name}`, `# Same title\n\nalpha ${name}`);
  await engine.ingest();
  const moved = { added: 30, removed: 30, embedded: 0 };
  const rename = (from: string, to: string) =>
    renameSync(join(workspace.documents, from), join(workspace.documents, to));
  rename("old", "new");
  const { added, removed, embedded } = await engine.ingest({ allowMassDelete: false });
  assert.deepEqual({ added, removed, embedded }, moved);
  // By hints, as a watcher tells it.
  rename("new", "newer");
  const hints = ["new", "newer"].flatMap((folder) => files.map((name) => uriOf(workspace, `${folder}/${name}`)));
  const hinted = await engine.refresh(hints);
  assert.deepEqual({ added: hinted.added, removed: hinted.removed, embedded: hinted.embedded }, moved);
  // With other contents under the new names the old ones are lost, and that is asked about.
  rename("newer", "newest");
  for (const name of files) write(workspace, `newest/${name}`, `# Same title\n\nbeta ${name}`);
  await assert.rejects(engine.ingest({ allowMassDelete: false }), { code: "mass_delete_refused" });
});
