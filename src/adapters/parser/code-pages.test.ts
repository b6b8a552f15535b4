import assert from "node:assert/strict";
import { after, test } from "node:test";
import { documentsOf, parseWith } from "../../../test/support/parser/parse.ts";
import { decoderOf } from "./code-pages.ts";
import { dosPages } from "./dos-pages.ts";
import { createParserRegistry } from "./registry.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 22, maxRecordBytes: 2 ** 20 });
after(() => registry.close());

test("code pages of DOS: letters as they were there", () => {
  const bytes = Uint8Array.of(0x63, 0x61, 0x66, 0x82, 0x20, 0xe1);
  assert.equal(decoderOf(437).decode(bytes), "café ß");
  assert.equal(decoderOf(850).decode(bytes), "café ß");
  assert.equal(decoderOf(852).decode(Uint8Array.of(0x9f, 0xa7)), "čž");
  assert.equal(decoderOf(858).decode(Uint8Array.of(0xd5)), "€");
  assert.equal(decoderOf(737).decode(Uint8Array.of(0x80, 0x98)), "Αα");
  for (const [page, upper] of dosPages) assert.equal(upper.length, 128, String(page));
  assert.equal(decoderOf(1252).decode(bytes), "caf‚ á");
});

test("RTF in a code page of DOS, by its word or by its number", async () => {
  for (const page of ["\\pc", "\\pca", "\\ansi\\ansicpg850"]) {
    const rtf = Buffer.from(`{\\rtf1${page} caf\\'82 \\u8364?}`, "latin1");
    assert.equal(documentsOf(await parseWith(registry, "a.rtf", rtf))[0]?.text, "café €");
  }
});
