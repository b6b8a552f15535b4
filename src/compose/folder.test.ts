import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeFolder } from "./folder.ts";

test("a folder is made with its parents, by many at once, and made again without harm", async (context) => {
  const root = mkdtempSync(join(tmpdir(), "isthmus-folder-"));
  context.after(() => rmSync(root, { recursive: true }));
  const path = join(root, "a", "b", "c");
  await Promise.all([1, 2, 3, 4].map(() => makeFolder(path)));
  await makeFolder(path);
  assert.ok(statSync(path).isDirectory());
});

test("a file in the way is named", async (context) => {
  const root = mkdtempSync(join(tmpdir(), "isthmus-folder-"));
  context.after(() => rmSync(root, { recursive: true }));
  const file = join(root, "file");
  writeFileSync(file, "");
  await assert.rejects(makeFolder(file), { code: "ENOTDIR", message: `${file} is a file` });
  await assert.rejects(makeFolder(join(file, "below")), { code: "ENOTDIR", message: `${file} is a file` });
});

test("a place that takes no folder fails, and does not hang", {
  skip: process.platform !== "linux" && "only Linux has /proc",
}, async () => {
  await assert.rejects(makeFolder("/proc/isthmus/below"), { code: "ENOENT" });
});
