import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

/** The same as nobody in particular: to the administrator everything is readable. */
const child = `
  const { createDirectorySource } = await import(${JSON.stringify(new URL("directory.ts", import.meta.url).href)});
  if (process.getuid() === 0) {
    process.setgroups([]);
    process.setgid(65534);
    process.setuid(65534);
  }
  const codeOf = async (work) => {
    try {
      return (await work()) ?? "nothing";
    } catch (error) {
      return error.code + ": " + error.message;
    }
  };
  const [docs, locked, version] = process.argv.slice(1);
  const source = await createDirectorySource(docs, { cacheFile: docs + "/sub/closed/scan.db" });
  const objects = [];
  const faults = [];
  for await (const item of source.list()) {
    if (item.kind === "object") objects.push(item.ref.uri.slice(source.scope.length));
    else faults.push([item.uri.slice(source.scope.length), item.error.code, item.error.message]);
  }
  const read = async (ref) => { for await (const _ of source.read(ref)); };
  const ref = { uri: source.scope + "secret.txt", version: "0", size: 6, updatedAt: "" };
  console.log(JSON.stringify({
    objects: objects.sort(),
    faults: faults.sort(),
    read: await codeOf(() => read(ref)),
    headOfFile: await codeOf(() => source.head(ref.uri)),
    headUnderFolder: await codeOf(() => source.head(source.scope + "sub/closed/a.txt")),
    locked: await codeOf(async () => { for await (const _ of (await createDirectorySource(locked)).list()); }),
  }));
`;

test("unreadable files and folders are faults, never deletions", { skip: process.platform === "win32" }, async () => {
  const home = await mkdtemp(join(tmpdir(), "isthmus-unreadable-"));
  const docs = join(home, "docs");
  const closed = join(docs, "sub", "closed");
  const locked = join(home, "locked");
  try {
    await chmod(home, 0o755);
    await mkdir(closed, { recursive: true });
    await mkdir(locked);
    await writeFile(join(docs, "plain.txt"), "plain");
    await writeFile(join(docs, "secret.txt"), "secret");
    await writeFile(join(closed, "a.txt"), "a");
    for (const path of [join(docs, "secret.txt"), closed, locked]) await chmod(path, 0);
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", child, docs, locked]);
    const seen = JSON.parse(stdout);
    assert.deepEqual(seen.objects, ["plain.txt"]);
    assert.deepEqual(
      seen.faults.map(([uri, code]: [string, string]) => [uri, code]),
      [
        ["secret.txt", "source_unreadable"],
        ["sub/closed/", "source_unreadable"],
      ],
    );
    for (const [uri, , message] of seen.faults) {
      assert.ok(message.includes(join(docs, uri.replace(/\/$/, ""))), message);
      assert.match(message, /permission/);
    }
    for (const each of ["read", "headOfFile", "headUnderFolder", "locked"]) {
      assert.match(seen[each], /^source_unreadable: /, each);
    }
    assert.ok(seen.locked.includes(locked));
  } finally {
    for (const path of [closed, locked]) await chmod(path, 0o755);
    await rm(home, { recursive: true });
  }
});
