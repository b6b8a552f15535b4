// Files of other programs inside a document: told, for they are not read.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { makeDocx, makeZip } from "../../../../test/support/parser/make-docx.ts";
import { makeXlsx } from "../../../../test/support/parser/make-sheets.ts";
import { documentsOf, failsWith, faultsOf, parseWith } from "../../../../test/support/parser/parse.ts";
import { createParserRegistry } from "../registry.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 22, maxRecordBytes: 2 ** 20 });
after(() => registry.close());

const told = async (name: string, content: Uint8Array) =>
  faultsOf(await parseWith(registry, name, content)).map(({ id, code, reason }) => [id, code, reason]);

test("Word: the embedded files by name, once", async () => {
  const parts = [
    ["r7", "package", "embeddings/Budget.xlsx", "x"],
    ["r8", "oleObject", "embeddings/oleObject1.bin", "x"],
  ] as const;
  assert.deepEqual(await told("a.docx", await makeDocx([{ text: "words" }], { parts })), [
    [
      ...["embedded files", "content_lost"],
      "2 files of other programs are embedded and were not read (Budget.xlsx, oleObject1.bin): save them as files of their own, and ingest them too.",
    ],
  ]);
  await assert.rejects(
    parseWith(registry, "a.docx", await makeDocx([], { parts })),
    failsWith("content_empty", /2 files of other programs are embedded/),
  );
});

test("Excel: by the sheet; a sheet that holds nothing else says so", async () => {
  const parts = [["oleObject", "x"]] as const;
  const filled = await told("a.xlsx", await makeXlsx([{ name: "S", rows: [["Zebra", "7"]], parts }]));
  assert.deepEqual(
    filled.map(([id, code]) => [id, code]),
    [["S!embedded", "content_lost"]],
  );
  await assert.rejects(
    parseWith(registry, "a.xlsx", await makeXlsx([{ name: "S", rows: [], parts }])),
    failsWith("content_empty", /embedded and was not read/),
  );
});

const openXml = "http://schemas.openxmlformats.org";
const kinds = `${openXml}/officeDocument/2006/relationships`;
const relations = (all: readonly (readonly [string, string, string])[]): string =>
  `<Relationships xmlns="${openXml}/package/2006/relationships">${all.map(([id, type, target]) => `<Relationship Id="${id}" Type="${kinds}/${type}" Target="${target}"/>`).join("")}</Relationships>`;

function pptx(words: string, object: string): Promise<Buffer> {
  const names = `xmlns:p="${openXml}/presentationml/2006/main" xmlns:a="${openXml}/drawingml/2006/main" xmlns:r="${kinds}"`;
  return makeZip({
    "_rels/.rels": relations([["r", "officeDocument", "ppt/presentation.xml"]]),
    "ppt/presentation.xml": `<p:presentation ${names}><p:sldIdLst><p:sldId id="1" r:id="s"/></p:sldIdLst></p:presentation>`,
    "ppt/_rels/presentation.xml.rels": relations([["s", "slide", "slides/1.xml"]]),
    "ppt/slides/1.xml": `<p:sld ${names}><p:cSld><p:spTree><p:sp><p:txBody><a:p><a:r><a:t>${words}</a:t></a:r></a:p></p:txBody></p:sp>${object}</p:spTree></p:cSld></p:sld>`,
    "ppt/slides/_rels/1.xml.rels": relations([["o", "oleObject", "../embeddings/oleObject1.bin"]]),
    "ppt/embeddings/oleObject1.bin": "x",
  });
}

test("PowerPoint: by the slides; what a tool of the author's keeps there is no file", async () => {
  const object = (program: string): string =>
    `<p:graphicFrame><a:graphic><a:graphicData><p:oleObj progId="${program}" r:id="o"/></a:graphicData></a:graphic></p:graphicFrame>`;
  const [fault] = await told("a.pptx", await pptx("words", object("Visio.Drawing.11")));
  assert.deepEqual(fault?.slice(0, 2), ["slides 1", "content_lost"]);
  assert.deepEqual(await told("a.pptx", await pptx("words", object("TCLayout.ActiveDocument.1"))), []);
  const parsed = await parseWith(registry, "a.pptx", await pptx("words", ""));
  assert.equal(documentsOf(parsed)[0]?.text.includes("words"), true);
  await assert.rejects(
    parseWith(registry, "a.pptx", await pptx("", object("Excel.Sheet.12"))),
    failsWith("content_empty", /embedded and was not read/),
  );
});

test("RTF: a file of nothing but pictures and objects says that", async () => {
  const rtf = String.raw`{\rtf1 {\object\objemb{\*\objdata 0105}{\result{\pict\pngblip 89504e47}}}\par}`;
  await assert.rejects(
    parseWith(registry, "a.rtf", Buffer.from(rtf)),
    failsWith("content_empty", /pictures or embedded files/),
  );
});
