import assert from "node:assert/strict";
import { after, test } from "node:test";
import { makePdf } from "../../../test/support/parser/make-pdf.ts";
import { assertSections, cutAt, failsWith, parseOne, sectionTexts } from "../../../test/support/parser/parse.ts";
import { createPdfParser } from "./pdf.ts";
import { pdfPageText } from "./pdf-text.ts";
import { createSandbox } from "./sandbox.ts";

const sandbox = createSandbox({ workers: 1 });
after(() => sandbox.close());
const parser = createPdfParser(sandbox, 32 * 1024 * 1024);
const parse = (pdf: Uint8Array | readonly Uint8Array[]) => parseOne(parser, pdf, { uri: "file:///docs/report.pdf" });

test("a page with text is a section; the title is the file's own, else its name", async () => {
  const pages = [["First page (of three)", "with infor-", "mation"], [], ["Third page"]];
  const document = await parse(makePdf(pages, { title: "Microsoft Word - Annual report" }));
  assertSections(document);
  assert.equal(document.title, "Annual report");
  assert.deepEqual(sectionTexts(document), ["Page 1: First page (of three)\nwith information", "Page 3: Third page"]);
  assert.equal((await parse(makePdf([["x"]]))).title, "report");
});

test("pieces of the bytes give the same document", async () => {
  const pdf = makePdf([["Hello"]]);
  assert.deepEqual(await parse(cutAt(pdf, [1, 100, 101, 500])), await parse(pdf));
});

test("wide gaps between lines are paragraphs", () => {
  const line = (str: string, y: number) => ({ str, hasEOL: true, height: 10, transform: [10, 0, 0, 10, 72, y] });
  assert.equal(pdfPageText([line("one", 700), line("two", 688), line("three", 660)]), "one\ntwo\n\nthree");
});

test("corrupt and cut off files are parse_failed", async () => {
  const pdf = makePdf([["Hello"]]);
  const message = /"report\.pdf" is not a PDF that can be read/;
  await assert.rejects(parse(Buffer.from("%PDF-1.7\nnothing of the kind")), failsWith("parse_failed", message));
  await assert.rejects(parse(pdf.subarray(0, 200)), failsWith("parse_failed", message));
  await assert.rejects(parse(Buffer.from("plain text, not a PDF")), failsWith("parse_failed", message));
});

test("a password-protected file is parse_encrypted", async () => {
  await assert.rejects(
    parse(makePdf([["Hello"]], { userPassword: "secret" })),
    failsWith("parse_encrypted", /password/),
  );
});

test("a scan is content_no_text, an empty file content_empty", async () => {
  await assert.rejects(parse(makePdf([[], []])), failsWith("content_no_text", /2 pages .*OCR/));
  await assert.rejects(parse(Buffer.alloc(0)), failsWith("content_empty"));
});

test("after every failure the next document is read", async () => {
  assert.equal((await parse(makePdf([["Still alive"]]))).text, "Still alive");
});
