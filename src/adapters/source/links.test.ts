import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { Source } from "../../core/ports.ts";
import { createDirectorySource } from "./directory.ts";
import { hasCode, listedWithFaults, nameOf, namesListed } from "./testing.ts";

const skip = process.platform === "win32" && "links need a privilege on Windows";

describe("symbolic links in a folder", { skip }, () => {
  let home: string;
  let docs: string;
  let source: Source;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "isthmus-links-"));
    docs = join(home, "docs");
    await mkdir(join(docs, "sub"), { recursive: true });
    await mkdir(join(home, "outside"));
    await writeFile(join(docs, "sub", "a.txt"), "a");
    await writeFile(join(home, "outside", "b.txt"), "b");
    source = await createDirectorySource(docs);
  });

  afterEach(async () => {
    await source.close();
    await rm(home, { recursive: true });
  });

  /** What is listed is what is found. */
  async function assertListed(names: string[], others: string[] = []): Promise<void> {
    assert.deepEqual(await namesListed(source), names.toSorted());
    for (const name of names) assert.ok(await source.head(source.scope + name), `${name} is found`);
    for (const name of others) assert.equal(await source.head(source.scope + name), undefined, `${name} is not found`);
  }

  test("files and folders outside are followed, each under its own name", async () => {
    await symlink(join(home, "outside", "b.txt"), join(docs, "file.txt"));
    await symlink(join(home, "outside"), join(docs, "folder"));
    await assertListed(["file.txt", "folder/b.txt", "sub/a.txt"]);
  });

  test("a link to one of its own ancestors is a loop, and nothing is listed twice", async () => {
    await symlink(docs, join(docs, "self"));
    await symlink("..", join(docs, "sub", "up"));
    await symlink(home, join(docs, "sub", "above"));
    await assertListed(["sub/a.txt"], ["self/sub/a.txt", "sub/up/sub/a.txt", "sub/above/outside/b.txt"]);
  });

  test("two folders outside that lead to one another end", async () => {
    await mkdir(join(home, "other"));
    await writeFile(join(home, "other", "c.txt"), "c");
    await symlink(join(home, "other"), join(home, "outside", "over"));
    await symlink(join(home, "outside"), join(home, "other", "back"));
    await symlink(join(home, "outside"), join(docs, "in"));
    await assertListed(["in/b.txt", "in/over/c.txt", "sub/a.txt"], ["in/over/back/b.txt"]);
  });

  test("a loop by way of a folder above one that was linked to ends", async () => {
    await mkdir(join(home, "outside", "deep"));
    await writeFile(join(home, "outside", "deep", "d.txt"), "d");
    await symlink(join(home, "outside"), join(home, "outside", "deep", "top"));
    await symlink(join(home, "outside", "deep"), join(docs, "in"));
    await assertListed(["in/d.txt", "sub/a.txt"], ["in/top/b.txt"]);
  });

  test("a link to nothing is a fault for all that may have been under it", async () => {
    await symlink(join(home, "unmounted"), join(docs, "gone"));
    const { refs, faults } = await listedWithFaults(source);
    assert.deepEqual(
      refs.map((ref) => nameOf(source, ref.uri)),
      ["sub/a.txt"],
    );
    assert.deepEqual(
      faults.map((fault) => [nameOf(source, fault.uri), fault.error.code]),
      [["gone/", "source_unreadable"]],
    );
    await assert.rejects(source.head(`${source.scope}gone`), hasCode("source_unreadable"));
    await assert.rejects(source.head(`${source.scope}gone/x.txt`), hasCode("source_unreadable"));
  });

  test("links that lead to one another in a circle are faults", async () => {
    await symlink("two", join(docs, "one"));
    await symlink("one", join(docs, "two"));
    await symlink("self", join(docs, "self"));
    const { refs, faults } = await listedWithFaults(source);
    assert.equal(refs.length, 1);
    assert.deepEqual(faults.map((fault) => nameOf(source, fault.uri)).toSorted(), ["one/", "self/", "two/"]);
    assert.ok(faults.every((fault) => fault.error.message.includes("circle")));
  });
});
