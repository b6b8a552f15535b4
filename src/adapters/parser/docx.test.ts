import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { makeDocx, makeZip } from "../../../test/support/parser/make-docx.ts";
import { assertSections, cutAt, failsWith, parseOne, sectionTexts } from "../../../test/support/parser/parse.ts";
import { createDocxParser } from "./docx.ts";
import { createSandbox } from "./sandbox.ts";
import { checkZip } from "./zip-check.ts";

const sandbox = createSandbox({ workers: 1 });
after(() => sandbox.close());
const parser = createDocxParser(sandbox, 32 * 1024 * 1024);
const parse = (docx: Uint8Array | readonly Uint8Array[]) => parseOne(parser, docx, { uri: "file:///docs/letter.docx" });

function* zeros(megabytes: number): Generator<Buffer> {
  for (let count = 0; count < megabytes; count += 1) yield Buffer.alloc(1024 * 1024);
}

test("headings make sections, a title style the title, tables rows of cells", async () => {
  const docx = await makeDocx(
    [
      { style: "Title", text: "The letter" },
      { text: "Dear <all>" },
      { style: "Heading1", text: "Facts" },
      { text: "One & two" },
      { style: "Heading2", text: "Details" },
      { text: "Three" },
    ],
    {
      table: [
        ["a", "b"],
        ["c", "d"],
      ],
    },
  );
  const document = await parse(docx);
  assertSections(document);
  assert.equal(document.title, "The letter");
  assert.deepEqual(sectionTexts(document), [
    "The letter: Dear <all>",
    "Facts: One & two",
    "Facts > Details: Three\n\na | b\nc | d",
  ]);
  assert.deepEqual(await parse(cutAt(docx, [3, 500, 501])), document);
});

test("without headings the file name is the title", async () => {
  const document = await parse(await makeDocx([{ text: "Only text" }]));
  assert.deepEqual([document.title, sectionTexts(document)], ["letter", [": Only text"]]);
});

test("a document that expands without end is parse_limit", async () => {
  const bomb = await makeDocx([{ text: "x" }], { extra: { "word/media/bomb.xml": Readable.from(zeros(64)) } });
  assert.ok(bomb.length < 200_000);
  await assert.rejects(parse(bomb), failsWith("parse_limit", /"letter\.docx" expands to more than 200 times/));
});

test("inflated bytes are counted over all entries, and so are the entries", async () => {
  const zip = await makeZip({ a: Readable.from(zeros(3)), b: Readable.from(zeros(3)) });
  await checkZip(zip, "x");
  await assert.rejects(checkZip(zip, "x", { maxBytes: 5 * 1024 * 1024 }), failsWith("parse_limit", /5242880 bytes/));
  await assert.rejects(checkZip(zip, "x", { maxEntries: 1 }), failsWith("parse_limit", /1 files/));
});

test("a header that lies about the size does not get past the count", async () => {
  const zip = await makeZip({ a: Readable.from(zeros(8)) });
  const directory = zip.lastIndexOf(Buffer.from("PK\x01\x02", "latin1"));
  // The uncompressed size in the central directory.
  zip.writeUInt32LE(10, directory + 24);
  await assert.rejects(checkZip(zip, "x"));
});

test("encrypted and old Word files are told apart, other files are parse_failed", async () => {
  const ole = Buffer.alloc(2048);
  ole.set(Buffer.from("d0cf11e0a1b11ae1", "hex"));
  await assert.rejects(parse(ole), failsWith("content_unsupported", /before 2007/));
  const encrypted = Buffer.concat([ole, Buffer.from("EncryptedPackage", "utf16le")]);
  await assert.rejects(parse(encrypted), failsWith("parse_encrypted", /password/));
  await assert.rejects(parse(Buffer.from("PK\x03\x04 nothing")), failsWith("parse_failed", /damaged/));
  await assert.rejects(parse(await makeZip({ "a.txt": "x" })), failsWith("parse_failed", /DOCX/));
  await assert.rejects(parse((await makeDocx([{ text: "x" }])).subarray(0, 400)), failsWith("parse_failed"));
});

test("a document without words is content_empty", async () => {
  await assert.rejects(parse(await makeDocx([{ text: " " }])), failsWith("content_empty"));
});
