import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { Source } from "../../core/ports.ts";
import type { ObjectRef } from "../../core/types.ts";
import { createDirectorySource } from "./directory.ts";
import { bytesRead, hasCode, makePipe } from "./testing.ts";

describe("reading a file at the version it was listed at", () => {
  const size = 3 * 2 ** 20;
  let home: string;
  let path: string;
  let source: Source;
  let ref: ObjectRef;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "isthmus-read-"));
    path = join(home, "a.txt");
    await writeFile(path, Buffer.alloc(size, "a"));
    source = await createDirectorySource(home);
    const found = await source.head(`${source.scope}a.txt`);
    assert.ok(found);
    ref = found;
  });

  afterEach(async () => {
    await source.close();
    await rm(home, { recursive: true });
  });

  /** Reads on after `meanwhile` happened behind the first block. */
  async function readDespite(meanwhile: () => Promise<void>): Promise<number> {
    let total = 0;
    for await (const block of source.read(ref)) {
      if (total === 0) await meanwhile();
      total += block.length;
    }
    return total;
  }

  test("blocks are small, and each is the consumer's own", async () => {
    const blocks: Uint8Array[] = [];
    for await (const block of source.read(ref)) {
      assert.ok(block.length <= 256 * 1024);
      blocks.push(block);
    }
    blocks[0]?.fill(0);
    assert.equal(blocks[1]?.[0], 97);
    assert.equal(new Set(blocks.map((block) => block.buffer)).size, blocks.length);
  });

  test("what is written to, grows or shrinks meanwhile is refused", async () => {
    const other = Buffer.alloc(size, "b");
    await assert.rejects(
      readDespite(() => writeFile(path, other)),
      hasCode("source_changed"),
    );
    await writeFile(path, Buffer.alloc(size, "a"));
    await assert.rejects(
      readDespite(() => appendFile(path, "b")),
      hasCode("source_changed"),
    );
    await truncate(path, size);
    await assert.rejects(
      readDespite(() => truncate(path, size / 2)),
      hasCode("source_changed"),
    );
  });

  test("what is replaced or removed meanwhile is read to its end, for its bytes are still there", async (t) => {
    if (process.platform === "win32") return t.skip("Windows does not replace a file that is open");
    await writeFile(join(home, "new.txt"), "new");
    assert.equal(await readDespite(() => rename(join(home, "new.txt"), path)), size);
    await assert.rejects(bytesRead(source, ref), hasCode("source_changed"));
  });

  test("other bytes of the same size, fewer, more, or none are refused", async () => {
    for (const length of [size, size - 1, size + 1, 0]) {
      await writeFile(path, Buffer.alloc(length, "b"));
      await assert.rejects(bytesRead(source, ref), hasCode("source_changed"), `${length} bytes`);
    }
  });

  test("a pipe or folder in its place is refused at once", { skip: process.platform === "win32" }, async () => {
    await rm(path);
    makePipe(path);
    await assert.rejects(bytesRead(source, ref), hasCode("source_changed"));
    await rm(path);
    await mkdir(path);
    await assert.rejects(bytesRead(source, ref), hasCode("source_changed"));
  });

  test("a reference to elsewhere is refused", async () => {
    for (const uri of ["file:///etc/hosts", `${source.scope}../x`, "gs://bucket/a.txt", source.scope]) {
      await assert.rejects(bytesRead(source, { ...ref, uri }), hasCode("source_not_found"));
    }
  });

  test("no file stays open, however the reading ends", { skip: process.platform !== "linux" }, async () => {
    const openFiles = () => readdirSync("/proc/self/fd").length;
    const before = openFiles();
    for await (const _ of source.read(ref)) break;
    await bytesRead(source, ref);
    await assert.rejects(readDespite(() => truncate(path, 1)));
    await assert.rejects(readDespite(() => Promise.reject(new Error("the consumer's own"))));
    for await (const _ of source.list()) break;
    assert.equal(openFiles(), before);
  });
});
