import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, type TestContext, test } from "node:test";
import { attempt, chunksOf, rejectsWith, vectorOf, write } from "../contract/harness.ts";
import { createSqliteStore } from "./store.ts";

const identity = { model: "test/model", dimensions: 64, revision: "r1" };

interface Place {
  readonly directory: string;
  readonly file: string;
  readonly store: ReturnType<typeof createSqliteStore>;
}

async function place(t: TestContext): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), "isthmus-store-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return { directory, file: join(directory, "index.sqlite"), store: createSqliteStore({ directory }) };
}

async function fill({ store }: Place, documents: number, uri = "file:///"): Promise<void> {
  const writer = await store.openWriter(identity);
  for (let number = 0; number < documents; number++) {
    const of = attempt(`${uri}${number}`);
    await write(writer, of, chunksOf(of, 5, identity.dimensions));
  }
  await writer.close();
}

suite("a damaged file is refused with the way out", () => {
  const search = { mode: "vector", limit: 50, vector: vectorOf("q", identity.dimensions) } as const;

  test("no database at all", async (t) => {
    const at = await place(t);
    writeFileSync(at.file, "not a database ".repeat(1_000));
    await assert.rejects(at.store.openReader(identity), rejectsWith("store_corrupt"));
    await assert.rejects(at.store.openWriter(identity), rejectsWith("store_corrupt"));
    assert.match(readFileSync(at.file, "utf8"), /^not a database/);
  });

  test("a database of another program", async (t) => {
    const at = await place(t);
    const foreign = new DatabaseSync(at.file);
    foreign.exec("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
    foreign.close();
    const before = readFileSync(at.file);
    await assert.rejects(at.store.openWriter(identity), rejectsWith("store_corrupt"));
    await assert.rejects(at.store.openReader(identity), rejectsWith("store_corrupt"));
    assert.deepEqual(readFileSync(at.file), before, "left as it was");
  });

  test("cut short", async (t) => {
    const at = await place(t);
    await fill(at, 20);
    truncateSync(at.file, Math.floor(statSync(at.file).size / 2));
    await assert.rejects(at.store.openReader(identity), rejectsWith("store_corrupt"));
    await assert.rejects(at.store.openWriter(identity), rejectsWith("store_corrupt"));
  });

  test("overwritten inside", async (t) => {
    const at = await place(t);
    await fill(at, 100);
    const descriptor = openSync(at.file, "r+");
    // Everything after the first page: the header stays whole.
    writeSync(descriptor, Buffer.alloc(statSync(at.file).size - 8_192, 0xa5), 0, undefined, 8_192);
    closeSync(descriptor);
    const searched = at.store.openReader(identity).then(async (reader) => {
      await reader.search(search).finally(() => reader.close());
    });
    await assert.rejects(searched, rejectsWith("store_corrupt"));
  });
});

test("an index of a newer schema is refused and left alone", async (t) => {
  const at = await place(t);
  await fill(at, 1);
  const database = new DatabaseSync(at.file);
  database.exec("PRAGMA user_version = 1000");
  database.close();
  await assert.rejects(at.store.openReader(identity), rejectsWith("store_newer"));
  await assert.rejects(at.store.openWriter(identity), rejectsWith("store_newer"));
});

test("a reader before the first writer makes no file", async (t) => {
  const at = await place(t);
  await assert.rejects(at.store.openReader(identity), rejectsWith("store_missing"));
  assert.deepEqual(readdirSync(at.directory), []);
});

test("a reader finds a file that was put in the place of the one it had open", {
  skip: process.platform === "win32" ? "Windows does not replace an open file" : false,
}, async (t) => {
  const [at, other] = [await place(t), await place(t)];
  await fill(at, 1);
  await fill(other, 3);
  const reader = await at.store.openReader(identity);
  assert.equal((await reader.count("")).documents, 1);
  for (const side of ["-wal", "-shm"]) await rm(at.file + side, { force: true });
  copyFileSync(other.file, `${at.file}.new`);
  renameSync(`${at.file}.new`, at.file);
  assert.equal((await reader.count("")).documents, 3);
  await rm(at.file);
  await assert.rejects(reader.check(), rejectsWith("store_missing"));
  await reader.close();
});

test("the lock names its process, and goes with it however it ends", async (t) => {
  const at = await place(t);
  const holding = `
    const { createSqliteStore } = await import(${JSON.stringify(new URL("store.ts", import.meta.url).href)});
    await createSqliteStore({ directory: ${JSON.stringify(at.directory)} }).openWriter(${JSON.stringify(identity)});
    console.log("open");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", holding], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  await assert.rejects(at.store.openWriter(identity), (thrown) => {
    assert.match(String(thrown), new RegExp(`Process ${child.pid} is writing`));
    return rejectsWith("store_locked")(thrown);
  });
  child.kill("SIGKILL");
  await once(child, "exit");
  await fill(at, 1);
});

test("without leave to write, the writer is refused and the reader reads", {
  skip: process.platform === "win32" ? "POSIX permissions" : false,
}, async (t) => {
  const at = await place(t);
  await fill(at, 2);
  for (const name of readdirSync(at.directory)) chmodSync(join(at.directory, name), 0o444);
  chmodSync(at.directory, 0o555);
  const script = `
    // The superuser may write anywhere: become somebody else.
    if (process.getuid() === 0) process.setuid(65534);
    const { createSqliteStore } = await import(${JSON.stringify(new URL("store.ts", import.meta.url).href)});
    const store = createSqliteStore({ directory: ${JSON.stringify(at.directory)} });
    const refused = await store.openWriter(${JSON.stringify(identity)}).then(() => "opened", (error) => error.code);
    const reader = await store.openReader(${JSON.stringify(identity)});
    console.log(JSON.stringify([refused, (await reader.count("")).documents]));
    await reader.close();`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [output] = await once(child.stdout, "data");
    assert.deepEqual(JSON.parse(String(output)), ["store_denied", 2]);
    assert.equal(existsSync(`${at.file}-wal`), false);
  } finally {
    chmodSync(at.directory, 0o755);
  }
});
