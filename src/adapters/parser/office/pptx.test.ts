import assert from "node:assert/strict";
import { after, test } from "node:test";
import { makeZip } from "../../../../test/support/parser/make-docx.ts";
import {
  assertSections,
  documentsOf,
  failsWith,
  faultsOf,
  parseWith,
  sectionTexts,
} from "../../../../test/support/parser/parse.ts";
import type { Parsed } from "../../../core/types.ts";
import { createParserRegistry } from "../registry.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 25, maxRecordBytes: 2 ** 20 });
after(() => registry.close());

const openXml = "http://schemas.openxmlformats.org";
const kinds = `${openXml}/officeDocument/2006/relationships`;
const names = `xmlns:p="${openXml}/presentationml/2006/main" xmlns:a="${openXml}/drawingml/2006/main" xmlns:r="${kinds}"`;
const shape = (text: string, type = ""): string =>
  `<p:sp><p:nvSpPr><p:cNvPr id="1" name="x"/><p:nvPr>${type && `<p:ph type="${type}"/>`}</p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>${text}</a:t></a:r></a:p></p:txBody></p:sp>`;
const picture = (words: string): string =>
  `<p:pic><p:nvPicPr><p:cNvPr id="2" name="x" descr="${words}"/></p:nvPicPr></p:pic>`;
const tree = (shapes: string): string => `<p:cSld><p:spTree>${shapes}</p:spTree></p:cSld>`;
const relations = (all: readonly (readonly [string, string, string])[]): string =>
  `<Relationships xmlns="${openXml}/package/2006/relationships">${all.map(([id, type, target]) => `<Relationship Id="${id}" Type="${kinds}/${type}" Target="${target}"/>`).join("")}</Relationships>`;

interface Slide {
  readonly shapes: string;
  readonly notes?: string;
  readonly isHidden?: boolean;
  /** A part of comments, and the type of relationship that refers to it. */
  readonly comments?: readonly [type: string, content: string];
}

/** A presentation whose slides lie in the file in the other order. */
function makePptx(slides: readonly Slide[]): Promise<Buffer> {
  const part = (index: number): string => `slide${slides.length - index}.xml`;
  const parts: Record<string, string> = {};
  slides.forEach(({ shapes, notes, isHidden, comments }, index) => {
    parts[`ppt/slides/${part(index)}`] = `<p:sld ${names}${isHidden ? ' show="0"' : ""}>${tree(shapes)}</p:sld>`;
    if (comments) {
      const [type, content] = comments;
      parts[`ppt/slides/_rels/${part(index)}.rels`] =
        `<Relationships xmlns="${openXml}/package/2006/relationships"><Relationship Id="c" Type="${type}" Target="../comments/c${index}.xml"/></Relationships>`;
      parts[`ppt/comments/c${index}.xml`] = content;
    }
    if (notes === undefined) return;
    parts[`ppt/slides/_rels/${part(index)}.rels`] = relations([["n", "notesSlide", `../notes/n${index}.xml`]]);
    parts[`ppt/notes/n${index}.xml`] =
      `<p:notes ${names}>${tree(shape(notes, "body") + shape("7", "sldNum"))}</p:notes>`;
  });
  const list = slides.map((_, index) => `<p:sldId id="${index}" r:id="s${index}"/>`).join("");
  return makeZip({
    "_rels/.rels": relations([["r", "officeDocument", "ppt/presentation.xml"]]),
    "ppt/presentation.xml": `<p:presentation ${names}><p:sldIdLst>${list}</p:sldIdLst></p:presentation>`,
    "ppt/_rels/presentation.xml.rels": relations(
      slides.map((_, index) => [`s${index}`, "slide", `slides/${part(index)}`]),
    ),
    ...parts,
  });
}

async function read(slides: readonly Slide[]): Promise<Parsed[]> {
  const parsed = await parseWith(registry, "a.pptx", await makePptx(slides));
  for (const document of documentsOf(parsed)) assertSections(document);
  return parsed;
}

test("a slide is a section under its number and title, its notes below it, in the order of the show", async () => {
  const table = `<p:graphicFrame><a:graphic><a:graphicData><a:tbl><a:tr><a:tc><a:txBody><a:p><a:r><a:t>a</a:t></a:r></a:p></a:txBody></a:tc><a:tc><a:txBody><a:p/></a:txBody></a:tc><a:tc><a:txBody><a:p><a:r><a:t>c</a:t></a:r></a:p></a:txBody></a:tc></a:tr></a:tbl></a:graphicData></a:graphic></p:graphicFrame>`;
  const [document] = documentsOf(
    await read([
      { shapes: shape("On zebras", "ctrTitle") },
      {
        shapes: `<p:grpSp>${shape("grass")}</p:grpSp>${shape("Food", "title")}${shape("2", "sldNum")}${picture("A zebra eats")}`,
        notes: "Say why",
      },
      { shapes: table },
    ]),
  );
  assert.ok(document);
  assert.equal(document.title, "On zebras");
  assert.deepEqual(sectionTexts(document), [
    "Slide 1: On zebras: Slide 1: On zebras",
    "Slide 2: Food: grass\n\nA zebra eats",
    "Slide 2: Food > Notes: Say why",
    "Slide 3: a |  | c",
  ]);
});

test("slides that are pictures, and hidden ones, are told", async () => {
  const parsed = await read([
    { shapes: shape("words") },
    { shapes: picture("") },
    { shapes: shape("secret"), isHidden: true },
  ]);
  assert.deepEqual(
    documentsOf(parsed).map(({ text }) => text),
    ["Slide 1\n\nwords"],
  );
  assert.deepEqual(
    faultsOf(parsed).map(({ id, code }) => [id, code]),
    [
      ["slides 2", "content_lost"],
      ["slides 3", "content_lost"],
    ],
  );
  await assert.rejects(read([{ shapes: picture("") }]), failsWith("content_empty", /pictures/));
});

test("a presentation of before 2007 is told apart", async () => {
  const ole = Buffer.alloc(2048);
  ole.set(Buffer.from("d0cf11e0a1b11ae1", "hex"));
  const ppt = Buffer.concat([ole, Buffer.from("PowerPoint Document\0", "utf16le")]);
  await assert.rejects(
    parseWith(registry, "a.ppt", ppt),
    failsWith("content_unsupported", /PowerPoint format of before 2007/),
  );
});

test("equations, what is said about groups, and shapes that are hidden", async () => {
  const math = `<mc:AlternateContent xmlns:mc="${openXml}/markup-compatibility/2006"><mc:Choice Requires="a14"><a14:m xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main"><m:oMath xmlns:m="${openXml}/officeDocument/2006/math"><m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath></a14:m></mc:Choice><mc:Fallback><a:r><a:t>picture</a:t></a:r></mc:Fallback></mc:AlternateContent>`;
  const law = shape("Law: ").replace("</a:r>", `</a:r>${math}`);
  const group = `<p:grpSp><p:nvGrpSpPr><p:cNvPr id="5" name="g" descr="A herd"/></p:nvGrpSpPr>${shape("Zebras")}</p:grpSp>`;
  const hidden = shape("secret").replace('name="x"', 'name="x" hidden="1"');
  const [document] = documentsOf(await read([{ shapes: law + group + hidden }]));
  assert.equal(document?.text, "Slide 1\n\nLaw: x^2\n\nA herd\n\nZebras");
});

test("comments of the old kind and of today, with their answers", async () => {
  const old = `<p:cmLst ${names}><p:cm><p:text>why?</p:text></p:cm></p:cmLst>`;
  const body = (text: string): string => `<q:txBody><a:p><a:r><a:t>${text}</a:t></a:r></a:p></q:txBody>`;
  const today = `<q:cmLst xmlns:q="http://schemas.microsoft.com/office/powerpoint/2018/8/main" xmlns:a="${openXml}/drawingml/2006/main"><q:cm><q:replyLst><q:reply>${body("because")}</q:reply></q:replyLst>${body("how?")}</q:cm></q:cmLst>`;
  const [document] = documentsOf(
    await read([
      { shapes: shape("one"), comments: [`${kinds}/comments`, old] },
      {
        shapes: shape("two"),
        comments: ["http://schemas.microsoft.com/office/2018/10/relationships/comments", today],
      },
    ]),
  );
  assert.equal(
    document?.text,
    "Slide 1\n\none\n\n[Comment: why?]\n\nSlide 2\n\ntwo\n\n[Comment: how?]\n\n[Comment: because]",
  );
});
