import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { writeTinyModel } from "../../../test/support/tiny-model.ts";
import { bundledModelDirectory, isBundledModel } from "./bundled.ts";
import { formatChecksums, parseChecksums } from "./checksums.ts";
import { openModelFolder } from "./folder.ts";
import { verifyModel } from "./verify.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "isthmus-model-"));
  await writeTinyModel(directory);
});

afterEach(() => rm(directory, { recursive: true, force: true }));

test("the bundled model is found and whole", async () => {
  const files = await verifyModel(bundledModelDirectory());
  assert.ok(files.includes("model_int8.onnx") && files.includes("tokenizer.json"));
  assert.ok(isBundledModel(bundledModelDirectory()));
  assert.ok(!isBundledModel(directory));
});

test("a damaged file is named, with what to do", async () => {
  const path = join(directory, "onnx", "model.onnx");
  const bytes = await readFile(path);
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  await writeFile(path, bytes);
  const expected = { code: "model_damaged", message: /model\.onnx.*isthmus model fetch/s };
  await assert.rejects(verifyModel(directory), expected);
  await assert.rejects((await openModelFolder(directory)).read("onnx/model.onnx"), expected);
});

test("a missing file is named", async () => {
  await rm(join(directory, "tokenizer.json"));
  await assert.rejects(verifyModel(directory), { code: "model_missing", message: /tokenizer\.json/ });
  await assert.rejects((await openModelFolder(directory)).read("tokenizer.json"), { code: "model_missing" });
  await assert.rejects((await openModelFolder(directory)).read("not-listed"), { code: "model_missing" });
});

test("a folder without checksums is no model, and one with unreadable checksums is damaged", async () => {
  await writeFile(join(directory, "SHA256SUMS"), "what is this\n");
  await assert.rejects(verifyModel(directory), { code: "model_damaged", message: /SHA256SUMS/ });
  await rm(join(directory, "SHA256SUMS"));
  await assert.rejects(verifyModel(directory), { code: "model_missing" });
});

test("checksums do not lead out of the folder", () => {
  const digest = "0".repeat(64);
  const good = new Map([
    ["a/b.json", digest],
    ["c", digest],
  ]);
  assert.deepEqual(parseChecksums(formatChecksums(good)), good);
  for (const path of ["../up", "a/../../up", "/etc/passwd", "a\\b"]) {
    assert.equal(parseChecksums(`${digest}  ${path}\n`), undefined, path);
  }
});
