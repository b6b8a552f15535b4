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
}

/** A presentation whose slides lie in the file in the other order. */
function makePptx(slides: readonly Slide[]): Promise<Buffer> {
  const part = (index: number): string => `slide${slides.length - index}.xml`;
  const parts: Record<string, string> = {};
  slides.forEach(({ shapes, notes, isHidden }, index) => {
    parts[`ppt/slides/${part(index)}`] = `<p:sld ${names}${isHidden ? ' show="0"' : ""}>${tree(shapes)}</p:sld>`;
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
