import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { attempt, chunk, rejectsWith, row } from "../contract/harness.ts";
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
    const writer = createWriter(database, identity.dimensions);
    const refused = (body: () => void) =>
      assert.throws(() => {
        try {
          body();
        } catch (thrown) {
          throw storeFailure(thrown, file);
        }
      }, rejectsWith("store_full"));
    const [kept, late] = [documentOf(1, 5), documentOf(2, size)];
    writer.put(kept.of, kept.chunks);
    writer.commit(row(kept.of, 5));
    const pages = Number(database.prepare("PRAGMA page_count").get()?.["page_count"]);
    database.exec(`PRAGMA max_page_count = ${pages}`);
    const write = (): void => {
      writer.put(late.of, late.chunks);
      writer.commit(row(late.of, size));
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
    const { attempt, chunk, row } = await import(${JSON.stringify(new URL("../contract/harness.ts", import.meta.url).href)});
    const writer = await createSqliteStore({ directory: ${JSON.stringify(directory)} }).openWriter(${JSON.stringify(identity)});
    let committed = 0;
    try {
      for (; committed < 10_000; committed++) {
        const of = attempt("file:///" + committed);
        await writer.put(of, Array.from({ length: 20 }, (_, at) => chunk(of, at, ${identity.dimensions})));
        await writer.commit(row(of, 20));
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
  await writer.put(more.of, more.chunks);
  await writer.commit(row(more.of, 20));
  await writer.close();
  const expected = { documents: committed + 1, chunks: (committed + 1) * 20 };
  assert.deepEqual(assertConsistent(join(directory, "index.sqlite"), identity), expected);
});
