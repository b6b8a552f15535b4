// Pictures by OCR; what reads them stands in here, so that this runs where no tesseract is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { documentsOf, failsWith, parseWith } from "../../../test/support/parser/parse.ts";
import { createParserRegistry } from "./registry.ts";

const reading = (text: string) =>
  createParserRegistry({
    ...{ format: "auto", maxFileBytes: 2 ** 20, maxRecordBytes: 2 ** 20 },
    recognizer: { identity: "none", recognize: async () => text },
  });
const be32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const be16 = (value: number): Buffer => be32(value).subarray(2);
const png = (width: number, height: number): Buffer =>
  Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1"), be32(width), be32(height)]);
const jpeg = (width: number, height: number): Buffer =>
  Buffer.concat([
    Buffer.from("ffd8ffe0000400ff", "hex"),
    ...[Buffer.from("ffc0001108", "hex"), be16(height), be16(width), Buffer.alloc(9)],
  ]);
const tiff = (pages: readonly (readonly [width: number, height: number])[]): Buffer => {
  const size = 2 + 2 * 12 + 4;
  const entry = (tag: number, value: number): Buffer => Buffer.concat([be16(tag), be16(4), be32(1), be32(value)]);
  const tables = pages.map(([width, height], index) =>
    Buffer.concat([
      ...[be16(2), entry(256, width), entry(257, height)],
      be32(index + 1 < pages.length ? 8 + (index + 1) * size : 0),
    ]),
  );
  return Buffer.concat([Buffer.from("MM\0*", "latin1"), be32(8), ...tables]);
};

test("the pages of a TIFF are sections, as those of a PDF are", async (context) => {
  const registry = reading("first page\n\f\n\fthird page\n\f");
  context.after(() => registry.close());
  const [document] = documentsOf(await parseWith(registry, "scan.tiff", tiff([[9, 9]])));
  assert.equal(document?.text, "first page\n\nthird page");
  assert.deepEqual(
    document.sections.map(({ heading, start, end }) => [heading, document.text.slice(start, end)]),
    [
      ["Page 1", "first page"],
      ["Page 3", "third page"],
    ],
  );
  const [single] = documentsOf(await parseWith(registry, "a.png", png(9, 9)));
  assert.equal(single?.sections.length, 2);
});

test("one page has no heading", async (context) => {
  const registry = reading("the words\n\f");
  context.after(() => registry.close());
  const [document] = documentsOf(await parseWith(registry, "a.png", png(9, 9)));
  assert.deepEqual([document?.text, document?.sections], ["the words", [{ heading: "", start: 0, end: 9 }]]);
});

test("a picture that would take gigabytes to read is refused by what its header says", async (context) => {
  const registry = reading("the words");
  context.after(() => registry.close());
  const huge: readonly (readonly [string, Buffer])[] = [
    ["a.png", png(30_000, 30_000)],
    ["a.jpg", jpeg(60_000, 60_000)],
    [
      "a.tiff",
      tiff([
        [100, 100],
        [40_000, 20_000],
      ]),
    ],
  ];
  for (const [name, picture] of huge)
    await assert.rejects(parseWith(registry, name, picture), failsWith("parse_limit", /million pixels/), name);
  const usual = [png(9933, 14_043), jpeg(5000, 7000), tiff([[5000, 7000]]), png(0, 0).subarray(0, 18)];
  for (const [index, picture] of usual.entries())
    assert.equal(
      documentsOf(await parseWith(registry, `b.${["png", "jpg", "tiff", "png"][index]}`, picture)).length,
      1,
    );
});
