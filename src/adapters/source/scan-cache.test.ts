import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, type TestContext, test } from "node:test";
import type { Source } from "../../core/ports.ts";
import type { ObjectRef } from "../../core/types.ts";
import { createDirectorySource } from "./directory.ts";
import { bytesOf, bytesRead, hasCode, listed, listedWithFaults, namesListed } from "./testing.ts";

let home: string;
let docs: string;
let cacheFile: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "isthmus-cache-"));
  docs = join(home, "docs");
  cacheFile = join(home, "data", "scan.db");
  await mkdir(docs);
});

afterEach(() => rm(home, { recursive: true }));

/** Makes what was written a moment ago count as written long before. */
function letTimePass(t: TestContext): void {
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() + 60_000 });
}

async function scan(): Promise<ObjectRef[]> {
  return withSource(listed);
}

async function withSource<Result>(use: (source: Source) => Promise<Result>): Promise<Result> {
  const source = await createDirectorySource(docs, { cacheFile });
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}

function cached(sql = "SELECT path, hash FROM file ORDER BY path"): Record<string, unknown>[] {
  const database = new DatabaseSync(cacheFile);
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

/** A hash that no file has: when it comes out of a scan, the scan believed the cache. */
const planted = "planted";
const plant = () => cached(`UPDATE file SET hash = '${planted}'`);

describe("the scan cache", () => {
  test("an unchanged file is not read again", async (t) => {
    await writeFile(join(docs, "a.txt"), "a");
    letTimePass(t);
    await scan();
    plant();
    assert.equal((await scan())[0]?.version, planted);
    assert.equal((await withSource((source) => source.head(`${source.scope}a.txt`)))?.version, planted);
  });

  test("a file written within two seconds before a scan is read again by the next", async (t) => {
    await writeFile(join(docs, "a.txt"), "a");
    await scan();
    assert.deepEqual(cached(), [], "what may yet change without a trace is not remembered");
    t.mock.timers.enable({ apis: ["Date"], now: Number((await stat(join(docs, "a.txt"))).ctimeMs) + 1900 });
    await scan();
    assert.deepEqual(cached(), []);
    t.mock.timers.setTime(Date.now() + 200);
    await scan();
    assert.equal(cached().length, 1);
  });

  test("other content of the same size, with the old times put back, is seen", async (t) => {
    const path = join(docs, "a.txt");
    await writeFile(path, "one");
    await utimes(path, 1_000_000, 1_000_000);
    const before = await stat(path);
    letTimePass(t);
    const [first] = await scan();
    await writeFile(path, "two");
    await utimes(path, before.atime, before.mtime);
    const { size, mtimeMs, ino } = await stat(path);
    assert.deepEqual({ size, mtimeMs, ino }, { size: before.size, mtimeMs: before.mtimeMs, ino: before.ino });
    const [second] = await scan();
    assert.notEqual(second?.version, first?.version);
  });

  test("an older copy that is put back is a change, and has its old version again", async (t) => {
    const path = join(docs, "a.txt");
    const old = join(home, "old.txt");
    await writeFile(old, "one");
    await utimes(old, 1_000_000, 1_000_000);
    await writeFile(path, "one");
    letTimePass(t);
    const [first] = await scan();
    await writeFile(path, "two");
    const [second] = await scan();
    await rename(old, path);
    const [third] = await scan();
    assert.notEqual(second?.version, first?.version);
    assert.equal(third?.version, first?.version);
    assert.equal(third?.updatedAt, new Date(1_000_000_000).toISOString());
  });

  test("entries of files that are gone are dropped, those of other folders stay", async (t) => {
    await mkdir(join(home, "docs-old"));
    await writeFile(join(home, "docs-old", "z.txt"), "z");
    for (const name of ["a.txt", "b.txt", "c.txt"]) await writeFile(join(docs, name), name);
    letTimePass(t);
    await scan();
    const beside = await createDirectorySource(join(home, "docs-old"), { cacheFile });
    await listed(beside);
    await beside.close();
    await rm(join(docs, "b.txt"));
    await scan();
    const paths = cached().map((row) => row["path"]);
    assert.deepEqual(
      paths,
      ["docs-old/z.txt", "docs/a.txt", "docs/c.txt"].map((name) => join(home, name)),
    );
  });

  test("a listing that was not taken to its end drops nothing", async (t) => {
    for (let index = 0; index < 100; index++) await writeFile(join(docs, `${index}.txt`), "x");
    letTimePass(t);
    await scan();
    await withSource(async (source) => {
      for await (const _ of source.list()) break;
    });
    assert.equal(cached().length, 100);
  });

  test("a listing with gaps drops nothing", { skip: process.platform === "win32" }, async (t) => {
    for (const name of ["a.txt", "b.txt"]) await writeFile(join(docs, name), name);
    letTimePass(t);
    await scan();
    await rm(join(docs, "b.txt"));
    await symlink(join(home, "nothing"), join(docs, "dangling"));
    const { faults } = await withSource(listedWithFaults);
    assert.equal(faults.length, 1);
    assert.equal(cached().length, 2);
  });

  test("a wrong hash in it is found out by the read, and mended", async (t) => {
    await writeFile(join(docs, "a.txt"), "a");
    letTimePass(t);
    await scan();
    plant();
    await withSource(async (source) => {
      const wrong = await source.head(`${source.scope}a.txt`);
      assert.equal(wrong?.version, planted);
      await assert.rejects(bytesRead(source, wrong), hasCode("source_changed"));
      const right = await source.head(wrong.uri);
      assert.ok(right);
      assert.deepEqual(await bytesRead(source, right), bytesOf("a"));
    });
  });
});

describe("a scan cache that cannot be used costs no more than time", () => {
  beforeEach(() => writeFile(join(docs, "a.txt"), "a"));

  test("one that is no database is begun anew", async (t) => {
    letTimePass(t);
    await mkdir(join(home, "data"));
    await writeFile(cacheFile, "this is no database, and long enough to be told from an empty file".repeat(100));
    assert.equal((await scan()).length, 1);
    assert.equal(cached().length, 1);
  });

  test("one that is damaged inside is begun anew", async (t) => {
    for (let index = 0; index < 300; index++) await writeFile(join(docs, `${index}.txt`), "x");
    letTimePass(t);
    const before = await scan();
    const bytes = await readFile(cacheFile);
    bytes.fill(0xa5, 4096); // All but the first page, which holds the schema.
    await writeFile(cacheFile, bytes);
    assert.deepEqual(await scan(), before);
    await scan();
    assert.equal(cached().length, 301);
  });

  test("one of another format is begun anew", async (t) => {
    letTimePass(t);
    await mkdir(join(home, "data"));
    const database = new DatabaseSync(cacheFile);
    database.exec("CREATE TABLE file (something INTEGER); PRAGMA user_version = 999");
    database.close();
    assert.equal((await scan()).length, 1);
    assert.equal(cached().length, 1);
  });

  test("one whose table is not what its format says is begun anew", async (t) => {
    letTimePass(t);
    await scan();
    cached("ALTER TABLE file RENAME TO other");
    assert.equal((await scan()).length, 1);
    assert.equal(cached().length, 1);
  });

  test("one in a place that cannot be written is done without", async () => {
    await mkdir(cacheFile, { recursive: true });
    assert.deepEqual(await withSource(namesListed), ["a.txt"]);
    cacheFile = join(docs, "a.txt", "below", "scan.db");
    assert.deepEqual(await withSource(namesListed), ["a.txt"]);
  });

  test("one that another process is writing is read", async (t) => {
    letTimePass(t);
    await scan();
    plant();
    const other = new DatabaseSync(cacheFile);
    other.exec("BEGIN IMMEDIATE; UPDATE file SET hash = 'uncommitted'");
    assert.equal((await scan())[0]?.version, planted);
    other.exec("ROLLBACK");
    other.close();
  });
});
