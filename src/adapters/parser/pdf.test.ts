import assert from "node:assert/strict";
import { after, test } from "node:test";
import { makePdf, type PlacedText } from "../../../test/support/parser/make-pdf.ts";
import {
  assertSections,
  cutAt,
  documentsOf,
  failsWith,
  faultsOf,
  parseAll,
  parseOne,
  parseWith,
  sectionTexts,
} from "../../../test/support/parser/parse.ts";
import { createPdfParser } from "./pdf.ts";
import { createParserRegistry } from "./registry.ts";
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

const textOf = async (texts: readonly PlacedText[]) => (await parse(makePdf([{ texts }]))).text;
const at = (x: number, y: number, text: string, more: Partial<PlacedText> = {}): PlacedText => ({
  x,
  y,
  text,
  ...more,
});

test("wide gaps between lines are paragraphs", async () => {
  assert.equal(await textOf([at(72, 700, "one"), at(72, 688, "two"), at(72, 660, "three")]), "one\ntwo\n\nthree");
});

test("a table keeps its rows, in whatever order its cells are drawn", async () => {
  const rows = [
    ["Zebra", "keeper", "37,499.96"],
    ["Okapi", "driver", "21,000.00"],
    ["Gnu", "cook", "9.50"],
  ];
  const cells = rows.flatMap((row, line) => row.map((text, column) => at(60 + 150 * column, 700 - 16 * line, text)));
  const wanted = rows.map((row) => row.join(" | ")).join("\n");
  const byColumn = [...cells].sort((a, b) => a.x - b.x);
  for (const drawn of [cells, [...cells].reverse(), byColumn]) assert.equal(await textOf(drawn), wanted);
});

test("columns of prose are read one after the other, their bullets with them", async () => {
  const left = [
    "Zebras graze in the early morning",
    "and rest in the shade when the sun",
    "is high above the dry plain.",
  ];
  const right = [
    "Okapis live in the dense forest",
    "and hide from every visitor who",
    "comes too near to their calves.",
  ];
  const lines = left.flatMap((text, line) => [
    at(72, 700 - 14 * line, text),
    at(330, 700 - 14 * line, right[line] ?? ""),
  ]);
  const bullets = [0, 1, 2].map((line) => at(316, 700 - 14 * line, "*"));
  const wanted = `${left.join("\n")}\n\n${right.join("\n")}`;
  assert.equal(await textOf(lines), wanted);
  const withBullets = [...lines, ...bullets];
  assert.equal(await textOf(withBullets), `${left.join("\n")}\n\n${right.map((text) => `* ${text}`).join("\n")}`);
});

test("what is drawn twice for boldness or as a shadow is there once, what is said twice twice", async () => {
  const word = "Zebra";
  const letters = [...word].flatMap((letter, place) => {
    const x = 72 + ([0, 7.33, 14, 20.67, 24.67][place] ?? 0); // The letters' widths in Helvetica.
    return [at(x, 600, letter), at(x + 0.3, 600.2, letter)];
  });
  const shadow = [at(72, 640, "Report", { size: 24 }), at(73.5, 638.5, "Report", { size: 24 })];
  assert.equal(await textOf([...shadow, ...letters, at(72, 560, "again again")]), "Report\n\nZebra\n\nagain again");
});

test("letters set wide apart are words; single letters in a row are not", async () => {
  assert.equal(await textOf([at(72, 700, "Report", { spacing: 5 }), at(72, 600, "A B C D E")]), "Report\n\nA B C D E");
});

test("notes stand apart from the word before them, powers have their sign, indexes belong to their word", async () => {
  const small = { size: 7 };
  const note = [at(72, 700, "herd"), at(97.5, 704, "12", small), at(110, 700, "grows")];
  const power = [at(72, 660, "10"), at(85.5, 664, "6", small)];
  const index = [at(72, 620, "H"), at(80.8, 617, "2", small), at(84.8, 620, "O")];
  assert.equal(await textOf([...note, ...power, ...index]), "herd 12 grows\n\n10^6\n\nH2O");
});

test("text turned by any angle is whole", async () => {
  for (const turned of [90, 180, 270, 37]) {
    const texts = [at(300, 300, "Turned zebra", { turned })];
    assert.equal(await textOf(texts), "Turned zebra", `${turned} degrees`);
  }
  assert.equal(
    await textOf([at(72, 700, "A line of text"), at(40, 300, "margin", { turned: 90 })]),
    "A line of text\n\nmargin",
  );
});

test("on a page that is set letter by letter, words end where a space is drawn or something is moved", async () => {
  const spaced = (text: string, y: number, x = 72) => at(x, y, text, { spacing: 2 });
  const lines = ["(a) A letter from their", "138588 Libra S.A.", "Compania de Navegacion", "N o t"];
  const moved = [at(72, 600, "Andres Bello"), spaced("2867,", 600, 145), at(200, 600, "17th Floor")];
  const texts = [...lines.map((text, row) => spaced(text, 700 - 20 * row)), ...moved];
  assert.equal((await textOf(texts)).replace(/\n+/g, "\n"), `${lines.join("\n")}\nAndres Bello 2867, 17th Floor`);
});

test("one word set apart in a line is a word, and so are capitals with smaller ones", async () => {
  // The letters' widths in Helvetica, and 2.5 points between them.
  const line = [at(72, 700, "Das ist"), at(112, 700, "niemals", { spacing: 2.5 }), at(175, 700, "falsch.")];
  const press = [
    at(72, 600, "T", { spacing: 2.5 }),
    at(81.83, 600, "HE", { spacing: 2.5, size: 9 }),
    at(103, 600, "P", { spacing: 2.5 }),
    at(113.5, 600, "RESS", { spacing: 2.5, size: 9 }),
  ];
  assert.equal(await textOf([...line, ...press]), "Das ist niemals falsch.\n\nTHE PRESS");
});

test("bold that is drawn glyph by glyph, each as far from the last, is there once and whole", async () => {
  const bold = [..."Testing deduplication till late"].flatMap((letter, place) => {
    const x = 72 + 7 * place;
    return letter === " " ? [] : [at(x, 600, letter), at(x + 0.4, 600.2, letter)];
  });
  assert.equal(await textOf([at(72, 700, "Heading"), ...bold]), "Heading\n\nTesting deduplication till late");
});

test("pages that are pictures are told by their numbers, blank ones are not", async () => {
  const picture = { texts: [], picture: [200, 200] } as const;
  const stamped = { texts: [at(500, 20, "Page 4")], picture: [800, 1000] } as const;
  const pages = [["Some text on the first page, as usual"], picture, { texts: [] }, stamped, picture];
  const parsed = await parseAll(parser, makePdf(pages), { uri: "file:///docs/report.pdf" });
  assert.equal(documentsOf(parsed).length, 1);
  assert.deepEqual(
    faultsOf(parsed).map(({ id, code, reason }) => [id, code, reason.split(".")[0]]),
    [
      ["pages 2 and 5", "content_lost", "The pages are pictures without text"],
      ["page 4", "content_lost", "The page is a picture with hardly any text beside it"],
    ],
  );
});

test("a page that shows a scrap of its text says so; a printer's mark beside it is nothing to tell", async () => {
  const line = at(72, 400, "Zebras graze on the plains of Africa from dawn to dusk, and drink once a day.");
  const hidden = [400, 380, 360, 340].map((y) => ({ ...line, y }));
  const scrap = { texts: [at(110, 705, "Fig. 3"), ...hidden], crop: [100, 700, 200, 720] } as const;
  const printed = { texts: [at(110, 705, "Fig. 4"), at(72, 20, "14773_i-xviii.qxd 2/10")], crop: scrap.crop };
  const parsed = await parseAll(parser, makePdf([scrap, printed]), { uri: "file:///docs/report.pdf" });
  assert.equal(documentsOf(parsed)[0]?.text, "Fig. 3\n\nFig. 4");
  assert.deepEqual(
    faultsOf(parsed).map(({ id, code, reason }) => [id, code, reason.split(",")[0]]),
    [["page 1", "content_lost", "Most of what is written on the page lies outside the part that is shown"]],
  );
  const nothingShown = makePdf([{ texts: hidden, crop: scrap.crop }]);
  await assert.rejects(
    parse(nothingShown),
    failsWith("content_empty", /page 1 lies outside the part that can be seen/),
  );
});

test("what is filled in and typed onto a page is text, what is hidden is not", async () => {
  const field = (name: string, value: string, y: number, more = "") =>
    `/Subtype /Widget /FT /Tx /T (${name}) /V (${value}) /Rect [150 ${y} 300 ${y + 20}] ${more}`;
  const annotations = [
    field("name", "Zena", 694),
    field("secret", "hunter2", 594, "/Ff 8192"),
    field("ghost", "unseen", 494, "/F 2"),
    "/Subtype /Widget /FT /Btn /T (box) /V /Yes /AS /Yes /AP << /N << /Yes null /Off null >> >> /Rect [72 640 84 652]",
    "/Subtype /Highlight /Contents (Is this so?) /T (Olga) /Rect [72 694 100 710] /QuadPoints [72 710 100 710 72 694 100 694]",
  ];
  const { text } = await parse(makePdf([{ texts: [at(72, 700, "Name:"), at(90, 642, "member")], annotations }]));
  assert.equal(text, "Name: Zena\n\n[x] member\n\nComment by Olga: Is this so?");
});

test("a list shows all that can be chosen, and a field without a value what is drawn in it", async () => {
  const list = (choices: string, chosen: string) =>
    `/Subtype /Widget /FT /Ch /T (list) /Opt [${choices}] ${chosen} /Rect [150 618 300 660]`;
  const male = await parse(
    makePdf([{ texts: [at(72, 740, "Species:")], annotations: [list("(zebra) [(o) (okapi)] (gnu)", "/V (o)")] }]),
  );
  assert.equal(male.text, "Species:\n\n[ ] zebra\n[x] okapi\n[ ] gnu");
  const countries = Array.from({ length: 60 }, (_, index) => `(Country ${index})`).join(" ");
  const long = await parse(
    makePdf([{ texts: [at(72, 740, "From:")], annotations: [list(countries, "/V [(Country 7) (Country 9)]")] }]),
  );
  assert.equal(long.text, "From:\n\nCountry 7, Country 9");
  const appearance = "BT /F1 11 Tf 2 5 Td (from 9 to 5) Tj ET";
  const field = (more = "") => `/Subtype /Widget /FT /Tx /T (time) /DA (/F1 11 Tf 0 g) /Rect [150 600 300 620] ${more}`;
  const shown = async (annotation: string) =>
    (await parse(makePdf([{ texts: [at(72, 604, "Time:")], annotations: [annotation], appearance }]))).text;
  assert.equal(await shown(field()), "Time: from 9 to 5");
  assert.equal(await shown(field("/V (any)")), "Time: any");
  assert.equal(await shown(field("/Ff 8192")), "Time:", "a password");
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

test("a scan is content_no_text; a blank page and an empty form are content_empty", async () => {
  const scan = { texts: [], picture: [100, 100] } as const;
  await assert.rejects(parse(makePdf([scan, scan])), failsWith("content_no_text", /2 pages .*it is a scan.*OCR/));
  await assert.rejects(parse(makePdf([scan, []])), failsWith("content_no_text", /page 1 is a picture/));
  const drawing = Array.from({ length: 400 }, (_, step) => `${step} ${step % 7} m ${step} ${step % 5} l S`).join("\n");
  await assert.rejects(parse(makePdf([{ texts: [], drawing }])), failsWith("content_no_text", /drawn.*OCR/));
  await assert.rejects(parse(makePdf([[], []])), failsWith("content_empty", /2 pages, and they are blank/));
  const field = "/Subtype /Widget /FT /Tx /T (a) /Rect [72 700 90 720]";
  await assert.rejects(parse(makePdf([{ texts: [], annotations: [field] }])), failsWith("content_empty", /form/));
  await assert.rejects(parse(Buffer.alloc(0)), failsWith("content_blank"));
});

test("a font that lists the widths of four thousand million letters costs the document, not the process", async () => {
  const system = "/CIDSystemInfo << /Registry (Adobe) /Ordering (Korea1) /Supplement 1 >>";
  const descendant = `<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X ${system} /W [10 4294967295 500] >>`;
  const font = `/Subtype /Type0 /BaseFont /X /Encoding /UniKS-UCS2-H /DescendantFonts [${descendant}]`;
  await assert.rejects(parse(makePdf([["Hello"]], { font })), failsWith("parse_limit", /MiB of memory/));
});

test("a page that is damaged is told, and costs the others nothing", async () => {
  const whole = makePdf([["The first page is whole"], ["lost"], ["The last page is whole"]]).toString("latin1");
  // The dictionary of the second page is cut by a string that does not end.
  const pdf = whole.replace(/(lost[\s\S]*?)\/MediaBox \[0 0/, "$1/MediaBox (0 0");
  assert.notEqual(pdf, whole);
  const parsed = await parseAll(parser, Buffer.from(pdf, "latin1"), { uri: "file:///docs/report.pdf" });
  assert.deepEqual(documentsOf(parsed).flatMap(sectionTexts), [
    "Page 1: The first page is whole",
    "Page 3: The last page is whole",
  ]);
  assert.deepEqual(
    faultsOf(parsed).map(({ id, code }) => [id, code]),
    [["page 2", "content_lost"]],
  );
});

test("a font that does not say which letters its signs are is told", async () => {
  const names = Array.from({ length: 26 }, (_, letter) => `/lost${letter}.sign`).join(" ");
  const signs = String.fromCharCode(...Array.from({ length: 26 }, (_, letter) => 129 + letter));
  const font = `/Subtype /Type1 /BaseFont /Helvetica /Encoding << /Type /Encoding /Differences [129 ${names}] >>`;
  const parsed = await parseAll(parser, makePdf([[`Version ${signs}`]], { font }));
  assert.deepEqual(
    faultsOf(parsed).map(({ id, code }) => [id, code]),
    [["page 1", "content_lost"]],
  );
});

test("old style figures, small capitals and ligatures of a font are known by what it calls them", async () => {
  const names = "zero.os one.os two.os three.os a.sc eacute.sc f_f_i.liga N.swash";
  const differences = `[129 ${names.replace(/(\S+)/g, "/$1")}]`;
  const font = `/Subtype /Type1 /BaseFont /Helvetica /Encoding << /Type /Encoding /Differences ${differences} >>`;
  const signs = (...places: number[]) => String.fromCharCode(...places.map((place) => 129 + place));
  const lines = [`Year ${signs(2, 0, 1, 3)}`, `o${signs(6)}ce ${signs(7)}o ${signs(1)}`, signs(4, 5, 1, 2, 3, 0)];
  const parsed = await parseAll(parser, makePdf([lines], { font }));
  assert.equal(documentsOf(parsed)[0]?.text, "Year 2013\noffice No 1\naé1230");
  assert.deepEqual(faultsOf(parsed), []);
});

test("what is attached is a document of its own, cited by its place, also where the pages are blank", async () => {
  const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 25, maxRecordBytes: 2 ** 20 });
  try {
    for (const pages of [[["Some text"]], [[]]]) {
      const parsed = await parseWith(registry, "report.pdf", makePdf(pages, { attached: ["a.txt", "a.png"] }));
      const attached = documentsOf(parsed).flatMap(({ id, text }) => (id === undefined ? [] : [[id, text]]));
      assert.deepEqual(attached, [["attachments/a.txt", "attached"]]);
      assert.deepEqual(faultsOf(parsed), []);
    }
  } finally {
    await registry.close();
  }
});

test("after every failure the next document is read", async () => {
  assert.equal((await parse(makePdf([["Still alive"]]))).text, "Still alive");
});
