import assert from "node:assert/strict";
import { after, test } from "node:test";
import { makePdf, type PdfPage } from "../../../test/support/parser/make-pdf.ts";
import { documentsOf, faultsOf, parseAll } from "../../../test/support/parser/parse.ts";
import { createPdfParser } from "./pdf.ts";
import { createSandbox } from "./sandbox.ts";

const sandbox = createSandbox({ workers: 1 });
after(() => sandbox.close());
const parser = createPdfParser(sandbox, 32 * 1024 * 1024);

/** The notes on pages behind one that is ordinary: place, code and the reason's first words. */
async function notesOn(pages: readonly PdfPage[], font?: string): Promise<readonly string[]> {
  const pdf = makePdf([["An ordinary page", "of two lines"], ...pages], font === undefined ? {} : { font });
  const parsed = await parseAll(parser, pdf, { uri: "file:///docs/report.pdf" });
  assert.equal(documentsOf(parsed).length, 1);
  return faultsOf(parsed).map(({ id, code, reason }) => `${code} ${id}: ${reason.split(/[:,;.] ?/)[0]}`);
}

const sentence = "Zebras graze on the plains of Africa from dawn to dusk.";

test("an ordinary page has no note, nor one with a turned margin, a stamp, a shadow or an empty field", async () => {
  const heading = { x: 72, y: 740, text: "Report", size: 24 };
  const texts = [
    heading,
    { ...heading, x: 73.5, y: 738.5 },
    { x: 72, y: 700, text: sentence },
    { x: 72, y: 680, text: sentence },
    { x: 30, y: 200, text: `arXiv:2501.00089 ${sentence}`, turned: 90 },
    { x: 150, y: 300, text: "DRAFT", size: 90, turned: 45 },
  ];
  const annotations = ["/Subtype /Widget /FT /Tx /T (code) /Ff 16777216 /MaxLen 8 /Rect [150 600 300 620]"];
  assert.deepEqual(await notesOn([{ texts, annotations }]), []);
});

test("words that were put together from letters are noted", async () => {
  const texts = [700, 680].map((y) => ({ x: 72, y, text: "z e b r a herds of Africa", spacing: 2 }));
  assert.deepEqual(await notesOn([{ texts }]), ["content_note page 2: Letters are set apart or on top of each other"]);
});

test("text that is turned by an odd angle, mirrored, or drawn several times is noted", async () => {
  const turned = { texts: [{ x: 72, y: 300, text: sentence, turned: 30 }] };
  const mirrored = { texts: [], drawing: "BT /F1 12 Tf -1 0 0 1 400 700 Tm (Mirrored zebra) Tj ET" };
  const again = { texts: [0, 0.4, 0.8].map((by) => ({ x: 72 + by, y: 700, text: sentence })) };
  assert.deepEqual(await notesOn([turned, mirrored, again, turned]), [
    "content_note pages 2 and 5: Text is turned by odd angles",
    "content_note page 3: Text is mirrored",
    "content_note page 4: Text is drawn several times in one place",
  ]);
});

test("a page of formulas is noted, and not a page with the indices of a few names", async () => {
  const lines = Array.from({ length: 10 }, (_, line) => 700 - 20 * line);
  const formulas = lines.flatMap((y) => [
    { x: 72, y, text: "A" },
    { x: 80.2, y: y - 3, text: "max", size: 7 },
  ]);
  const marks = [...formulas, ...lines.map((y) => ({ x: 110, y, text: `${sentence} ${sentence}` }))];
  assert.deepEqual(await notesOn([{ texts: formulas }, { texts: marks }]), ["content_note page 2: Formulas"]);
});

test("a field filled in letter by letter is noted", async () => {
  const annotations = ["/Subtype /Widget /FT /Tx /T (code) /V (ZEBRA) /Ff 16777216 /MaxLen 8 /Rect [150 600 300 620]"];
  assert.deepEqual(await notesOn([{ texts: [{ x: 72, y: 604, text: "Code:" }], annotations }]), [
    "content_note page 2: A field is filled in with each letter in a box of its own",
  ]);
});

test("what is written beside the part that is shown is noted, on some pages of many", async () => {
  const texts = [
    { x: 110, y: 705, text: sentence },
    { x: 72, y: 20, text: "Printed in Zebraville by the printers" },
  ];
  const pages = Array.from({ length: 9 }, () => ({ texts, crop: [100, 700, 600, 720] }) as const);
  assert.deepEqual(await notesOn(pages.slice(0, 2)), [
    "content_note pages 2 and 3: More is written beside the part that is shown (a printer's line",
  ]);
  const pdf = makePdf(pages);
  const [told] = faultsOf(await parseAll(parser, pdf, { uri: "file:///docs/report.pdf" }));
  assert.match(told?.id ?? "", /^pages 1, 4, 6 and 9$/);
  assert.match(told?.reason ?? "", /of 9 pages that show a part, 4 were looked at\.$/);
  const whole = pages.map(() => ({ texts: texts.slice(0, 1), crop: [100, 700, 600, 720] }) as const);
  assert.deepEqual(await notesOn(whole), []);
});

test("Chinese whose file calls it Latin is noted", async () => {
  const songti = "/Subtype /TrueType /BaseFont /#CB#CE#CC#E5 /Encoding /WinAnsiEncoding";
  const chinese = [{ texts: [{ x: 72, y: 700, text: Buffer.from("c4bfc2bc", "hex").toString("latin1") }] }];
  assert.deepEqual(await notesOn(chinese, songti), [
    "content_note : Fonts with a Chinese name say that their signs are Latin letters",
  ]);
  assert.deepEqual(await notesOn([], songti), []);
});
