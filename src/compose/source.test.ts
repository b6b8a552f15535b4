import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type TestContext, test } from "node:test";
import { createListingSpill } from "../adapters/store/sqlite/spill.ts";
import { createSqliteStore } from "../adapters/store/sqlite/store.ts";
import { IsthmusError } from "../core/errors.ts";
import type { Source } from "../core/ports.ts";
import { openLook, openSource } from "./source.ts";

const identity = { model: "test/model", dimensions: 16, revision: "r1" };
const onWindows = process.platform === "win32" && "Windows has neither such links nor such locks";

async function names(source: Source): Promise<string[]> {
  const found: string[] = [];
  for await (const listed of source.list()) {
    assert.equal(listed.kind, "object");
    if (listed.kind !== "object") continue;
    for await (const _ of source.read(listed.ref));
    found.push(basename(decodeURIComponent(listed.ref.uri)));
  }
  return found.sort();
}

/** Tries, in a process of its own, to write to the index in the folder: "opened", or the error's code. */
function anotherWriter(directory: string): string {
  const script = `
    const { createSqliteStore } = await import(${JSON.stringify(new URL("../adapters/store/sqlite/store.ts", import.meta.url).href)});
    const opening = createSqliteStore({ directory: ${JSON.stringify(directory)} }).openWriter(${JSON.stringify(identity)});
    console.log(await opening.then(async (writer) => { await writer.close(); return "opened"; }, (error) => error.code));`;
  return spawnSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" }).stdout.trim();
}

function folders(t: TestContext) {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "isthmus-own-")));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const dataDir = join(home, "data");
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, "mine.txt"), "a document");
  // Names that are like ours and are not.
  writeFileSync(join(dataDir, "index.sqlite.txt"), "a document");
  mkdirSync(join(dataDir, "sub"));
  writeFileSync(join(dataDir, "sub", "writer.lock"), "a document");
  return { home, dataDir, settings: { dataDir, gcs: {} } as Parameters<typeof openSource>[1] };
}

const documents = ["index.sqlite.txt", "mine.txt", "writer.lock"];

test("the data folder as its own source gives the documents in it, and the writer keeps its lock", {
  skip: onWindows,
}, async (t) => {
  const { home, dataDir, settings } = folders(t);
  symlinkSync(dataDir, join(home, "alias"));
  const writer = await createSqliteStore({ directory: dataDir }).openWriter(identity);
  const spill = createListingSpill(dataDir);
  const spellings = [dataDir, `${dataDir}/`, `${dataDir}/../data/./`, join(home, "alias"), `file://${dataDir}`];
  for (const spelling of spellings) {
    for (const open of [openSource, openLook]) {
      const source = await open(spelling, settings);
      assert.deepEqual(await names(source), documents, spelling);
      for (const name of readdirSync(dataDir).filter(
        (each) => /sqlite|lock/.test(each) && each !== "index.sqlite.txt",
      )) {
        assert.equal(await source.head(new URL(name, source.scope).href), undefined, name);
      }
      await source.close();
    }
  }
  assert.equal(anotherWriter(dataDir), "store_locked");
  spill.close();
  await writer.close();
  assert.equal(anotherWriter(dataDir), "opened");
});

test("no link to a file of the index, soft or hard, is ever opened", { skip: onWindows }, async (t) => {
  const { home, dataDir, settings } = folders(t);
  const docs = join(home, "docs");
  mkdirSync(docs);
  writeFileSync(join(docs, "plain.txt"), "a document");
  const writer = await createSqliteStore({ directory: dataDir }).openWriter(identity);
  for (const name of ["index.sqlite", "index.sqlite-shm", "writer.lock"]) {
    symlinkSync(join(dataDir, name), join(docs, `soft-${name}.txt`));
    linkSync(join(dataDir, name), join(docs, `hard-${name}.txt`));
    linkSync(join(dataDir, name), join(dataDir, `hard-${name}.txt`));
  }
  for (const [folder, expected] of [
    [docs, ["plain.txt"]],
    [dataDir, documents],
  ] as const) {
    const source = await openSource(folder, settings);
    assert.deepEqual(await names(source), expected);
    await source.close();
  }
  for (const file of [
    join(dataDir, "writer.lock"),
    join(docs, "soft-writer.lock.txt"),
    join(docs, "hard-writer.lock.txt"),
  ]) {
    const source = await openSource(file, settings);
    await assert.rejects(
      names(source),
      (thrown) => thrown instanceof IsthmusError && thrown.code === "source_not_found",
    );
    await source.close();
  }
  assert.equal(anotherWriter(dataDir), "store_locked");
  await writer.close();
});
