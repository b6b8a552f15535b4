import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Source } from "../../core/ports.ts";
import { unreadVersion } from "../../core/types.ts";
import { createDirectorySource, type DirectorySourceOptions } from "./directory.ts";
import { bytesRead, listed, nameOf } from "./testing.ts";

describe("a folder that is looked at without being read", () => {
  let home: string;
  let opened: Source[];
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "isthmus-source-"));
    await mkdir(join(home, "docs"));
    opened = [];
    for (const name of ["a", "b", "c"]) await writeFile(join(home, "docs", name), name.repeat(100));
  });
  afterEach(async () => {
    for (const source of opened) await source.close();
    await rm(home, { recursive: true });
  });

  async function versions(options: DirectorySourceOptions): Promise<{ source: Source; read: string[]; size: number }> {
    const source = await createDirectorySource(join(home, "docs"), options);
    opened.push(source);
    const refs = await listed(source);
    const read = refs.filter(({ version }) => version !== unreadVersion).map(({ uri }) => nameOf(source, uri));
    return { source, read: read.toSorted(), size: refs.reduce((sum, ref) => sum + ref.size, 0) };
  }

  test("hashes files up to the bytes allowed, and lists the others by their size", async () => {
    assert.deepEqual((await versions({})).read, ["a", "b", "c"]);
    const some = await versions({ hashBytes: 250 });
    assert.equal(some.read.length, 2);
    assert.equal(some.size, 300);
    assert.deepEqual((await versions({ hashBytes: 99 })).read, []);
  });

  test("takes what an earlier scan has hashed, and nothing that changed since", async () => {
    const long = new Date(Date.now() - 3_600_000);
    for (const name of ["a", "b", "c"]) await utimes(join(home, "docs", name), long, long);
    // The change time cannot be set: the cache takes what has settled for two seconds.
    await sleep(2100);
    const cacheFile = join(home, "scan.sqlite");
    const { source } = await versions({ cacheFile });
    await source.close();
    await writeFile(join(home, "docs", "b"), "changed");
    assert.deepEqual((await versions({ cacheFile, hashBytes: 0 })).read, ["a", "c"]);
  });

  test("what is read later is not held to a version that nobody knows", async () => {
    const { source } = await versions({ hashBytes: 0 });
    const [ref] = await listed(source);
    assert.ok(ref);
    assert.equal((await bytesRead(source, ref)).length, 100);
  });
});
