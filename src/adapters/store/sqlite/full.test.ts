import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { attempt, chunk, commitOf, rejectsWith, write } from "../contract/harness.ts";
import { openForWriting } from "./database.ts";
import { storeFailure } from "./failures.ts";
import { assertConsistent } from "./integrity.testing.ts";
import { createSqliteStore } from "./store.ts";
import { createWriter } from "./writer.ts";

const identity = { model: "test/model", dimensions: 64, revision: "r1" };

function folder(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "isthmus-store-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const documentOf = (number: number, size: number) => {
  const of = attempt(`file:///${number}`);
  return { of, chunks: Array.from({ length: size }, (_, at) => chunk(of, at, identity.dimensions)) };
};

for (const size of [200, 700]) {
  test(`a full file refuses a commit of ${size} chunks, and the same commit passes once there is room`, (t) => {
    const file = join(folder(t), "index.sqlite");
    const database = openForWriting(file, identity);
    const writer = createWriter(database);
    const refused = (body: () => void) =>
      assert.throws(() => {
        try {
          body();
        } catch (thrown) {
          throw storeFailure(thrown, file);
        }
      }, rejectsWith("store_full"));
    const [kept, late] = [documentOf(1, 5), documentOf(2, size)];
    writer.put(1, kept.chunks);
    writer.commit(1, commitOf(kept.of, 5));
    let attempts = 1;
    const pages = Number(database.prepare("PRAGMA page_count").get()?.["page_count"]);
    database.exec(`PRAGMA max_page_count = ${pages}`);
    const write = (): void => {
      const number = ++attempts;
      try {
        writer.put(number, late.chunks);
        writer.commit(number, commitOf(late.of, size));
      } catch (thrown) {
        writer.abandon(number);
        throw thrown;
      }
    };
    refused(write);
    refused(write);
    assert.deepEqual(writer.count(""), { documents: 1, chunks: 5, failed: 0, skipped: 0 });
    database.exec("PRAGMA max_page_count = 1000000");
    write();
    assert.deepEqual(writer.count(""), { documents: 2, chunks: 5 + size, failed: 0, skipped: 0 });
    database.close();
    assert.deepEqual(assertConsistent(file, identity), { documents: 2, chunks: 5 + size });
  });
}

test("a limit of the operating system is met as a full disk, and nothing committed is lost", {
  skip: process.platform === "win32" ? "no limit of file size there" : false,
}, async (t) => {
  const directory = folder(t);
  const script = `
    const { createSqliteStore } = await import(${JSON.stringify(new URL("store.ts", import.meta.url).href)});
    const { attempt, chunksOf, write } = await import(${JSON.stringify(new URL("../contract/harness.ts", import.meta.url).href)});
    const writer = await createSqliteStore({ directory: ${JSON.stringify(directory)} }).openWriter(${JSON.stringify(identity)});
    let committed = 0;
    try {
      for (; committed < 10_000; committed++) {
        const of = attempt("file:///" + committed);
        await write(writer, of, chunksOf(of, 20, ${identity.dimensions}));
      }
    } catch (error) {
      console.log(JSON.stringify({ code: error.code, committed }));
    }`;
  // 1,500 blocks of 512 bytes (POSIX) or 1,024 (some shells).
  const limited = 'ulimit -f 1500 && exec "$0" --input-type=module --eval "$1"';
  const child = spawnSync("sh", ["-c", limited, process.execPath, script], { encoding: "utf8" });
  const { code, committed } = JSON.parse(child.stdout) as { code: string; committed: number };
  assert.equal(code, "store_full");
  assert.ok(committed > 0);
  const writer = await createSqliteStore({ directory }).openWriter(identity);
  assert.equal((await writer.count("")).documents, committed);
  const more = documentOf(-1, 20);
  await write(writer, more.of, more.chunks);
  await writer.close();
  const expected = { documents: committed + 1, chunks: (committed + 1) * 20 };
  assert.deepEqual(assertConsistent(join(directory, "index.sqlite"), identity), expected);
});
