import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { makeDocx, makeZip } from "../../../test/support/parser/make-docx.ts";
import { assertSections, cutAt, failsWith, parseOne, sectionTexts } from "../../../test/support/parser/parse.ts";
import { createDocxParser } from "./docx.ts";
import { createSandbox } from "./sandbox.ts";

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
  const bomb = await makeDocx([{ text: "x" }], { extra: { "word/styles.xml": Readable.from(zeros(64)) } });
  assert.ok(bomb.length < 200_000);
  await assert.rejects(parse(bomb), failsWith("parse_limit", /"letter\.docx" expands to more than 200 times/));
});

test("encrypted and old Word files are told apart, other files are parse_failed", async () => {
  const ole = Buffer.alloc(2048);
  ole.set(Buffer.from("d0cf11e0a1b11ae1", "hex"));
  await assert.rejects(parse(ole), failsWith("content_unsupported", /before 2007/));
  const directory = (stream: string) => Buffer.concat([ole, Buffer.from(`${stream}\0`, "utf16le")]);
  const word = directory("WordDocument");
  await assert.rejects(parse(word), failsWith("content_unsupported", /Word format of before 2007.*Save it as DOCX/));
  const encrypted = directory("EncryptedPackage");
  await assert.rejects(parse(encrypted), failsWith("parse_encrypted", /password/));
  await assert.rejects(parse(Buffer.from("PK\x03\x04 nothing")), failsWith("parse_failed", /damaged/));
  await assert.rejects(parse(await makeZip({ "a.txt": "x" })), failsWith("parse_failed", /DOCX/));
  await assert.rejects(parse((await makeDocx([{ text: "x" }])).subarray(0, 400)), failsWith("parse_failed"));
});

test("a document without words is content_empty, with the reason", async () => {
  await assert.rejects(parse(await makeDocx([{ text: " " }])), failsWith("content_empty", /white space/));
  const picture = await makeDocx([], { parts: [["r9", "image", "media/a.png", "x"]] });
  await assert.rejects(parse(picture), failsWith("content_empty", /1 picture/));
});

test("a part that nothing reads may be as large as it likes", async () => {
  const docx = await makeDocx([{ text: "x" }], { extra: { "word/media/film.mp4": Readable.from(zeros(64)) } });
  assert.equal((await parse(docx)).text, "x");
});
