import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { makeDocx, namespace } from "../../../../test/support/parser/make-docx.ts";
import {
  assertSections,
  documentsOf,
  faultsOf,
  parseWith,
  sectionTexts,
} from "../../../../test/support/parser/parse.ts";
import { createParserRegistry } from "../registry.ts";

const limits = { maxFileBytes: 32 * 1024 * 1024, maxRecordBytes: 1024 * 1024 };
const registry = createParserRegistry({ format: "auto", ...limits });
after(() => registry.close());

type Options = Parameters<typeof makeDocx>[1];

async function read(name: string, bytes: Uint8Array): Promise<string[]> {
  const [document] = documentsOf(await parseWith(registry, name, bytes));
  assert.ok(document);
  assertSections(document);
  return sectionTexts(document);
}
/** The sections of a document whose body is this XML. */
const body = async (xml: string, options: Options = {}): Promise<string[]> =>
  read("a.docx", await makeDocx([], { ...options, xml }));
const run = (text: string, properties = ""): string =>
  `<w:r>${properties && `<w:rPr>${properties}</w:rPr>`}<w:t xml:space="preserve">${text}</w:t></w:r>`;
const paragraph = (inside: string, properties = ""): string =>
  `<w:p>${properties && `<w:pPr>${properties}</w:pPr>`}${inside}</w:p>`;
const mark = (type: string): string => `<w:r><w:fldChar w:fldCharType="${type}"/></w:r>`;
const instruction = (text: string): string => `<w:r><w:instrText>${text}</w:instrText></w:r>`;

/** The small inputs of `test/cases`, each with what is in it. */
const cases: Readonly<Record<string, readonly string[]>> = {
  "docx-altchunk/a.docx": [": Zebras eat grass."],
  "docx-comment/a.docx": [": The price is fixed.\n\n[Comment by Z: Zebra legal says no.]"],
  "docx-docm-ext/a.docm": [": Zebra in docm"],
  "docx-fldsimple/a.docx": [": Customer: Zena Zebra, table 7"],
  "docx-footnote/a.docx": [": Main zebra claim[1] continues here.\n\n[1] The okapi source."],
  "docx-header-only/a.docx": [": Zebra Ltd, contract no. ZB-2024-17", ": Body text about okapis."],
  "docx-hidden/a.docx": [": Visible."],
  "docx-legacy-form/a.docx": [": Name: Zena Zebra Species: zebra"],
  "docx-moved-text/a.docx": [": Start. The zebra clause moved here. End."],
  "docx-named-doc/a.doc": [": Zebra in a docx named doc"],
  "docx-nested-table/a.docx": [": A in1 | in2 | B B2"],
  "docx-omml/a.docx": [": The stripe law: E=zebra holds."],
  "docx-ruby/a.docx": [": 縞馬(しまうま)は草を食べる"],
  "docx-sdt/a.docx": [
    ": Zebra control\n\nOkapi block\n\n☒ agreed\n\nCustom zebra\n\nSmart zebra\n\nBlock custom okapi",
  ],
  "docx-sym/a.docx": [": Check ✓ done"],
  "doc-as-html/a.doc": [": Zebra report exported as .doc"],
};

for (const [path, expected] of Object.entries(cases)) {
  test(`case ${path}`, async () => {
    const bytes = readFileSync(new URL(`../../../../test/cases/${path}`, import.meta.url));
    assert.deepEqual(await read(path.slice(path.indexOf("/") + 1), bytes), expected);
  });
}

test("a field shows its result, not its instructions, nor the fields among these, across paragraphs too", async () => {
  const nested = `${mark("begin")}${instruction(" IF ")}${mark("begin")}${instruction(" DATE ")}${mark("separate")}${run("inner")}${mark("end")}${instruction(" = x ")}${mark("separate")}${run("shown")}${mark("end")}`;
  assert.deepEqual(await body(paragraph(run("a ") + nested + run(" b"))), [": a shown b"]);
  const spanning =
    paragraph(mark("begin") + instruction(" TOC ") + mark("separate") + run("One")) +
    paragraph(run("Two") + mark("end") + run(" after"));
  assert.deepEqual(await body(spanning), [": One\n\nTwo after"]);
  const box = (inside: string): string =>
    `<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox>${inside}</w:checkBox></w:ffData></w:fldChar></w:r>${mark("end")}`;
  const boxes = `${box("<w:checked/>")}${run(" yes ")}${box('<w:default w:val="1"/><w:checked w:val="0"/>')}${run(" no")}`;
  assert.deepEqual(await body(paragraph(boxes)), [": ☒ yes ☐ no"]);
});

test("hidden by its style is hidden, and shown again by the run", async () => {
  const styles = `<w:style w:type="character" w:styleId="Base"><w:name w:val="Base"/><w:rPr><w:vanish/></w:rPr></w:style><w:style w:type="character" w:styleId="Secret"><w:name w:val="Secret"/><w:basedOn w:val="Base"/></w:style><w:style w:type="paragraph" w:styleId="Quiet"><w:name w:val="Quiet"/><w:rPr><w:vanish/></w:rPr></w:style>`;
  const secret = '<w:rStyle w:val="Secret"/>';
  const xml =
    paragraph(run("a") + run("b", secret) + run("c", `${secret}<w:vanish w:val="0"/>`)) +
    paragraph(run("d") + run("e", '<w:vanish w:val="false"/>'), '<w:pStyle w:val="Quiet"/>');
  assert.deepEqual(await body(xml, { styles }), [": ac\n\ne"]);
});

test("deleted and moved-away text stays out; a deleted paragraph mark makes one word of two halves", async () => {
  const xml =
    paragraph(
      `${run("kept")}<w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:moveFrom>${run("left")}</w:moveFrom>`,
    ) +
    paragraph(run("butter"), "<w:rPr><w:del/></w:rPr>") +
    paragraph(`<w:ins>${run("fly")}</w:ins>`);
  assert.deepEqual(await body(xml), [": kept\n\nbutterfly"]);
  const row = (text: string, properties = ""): string =>
    `<w:tr>${properties && `<w:trPr>${properties}</w:trPr>`}<w:tc>${paragraph(run(text))}</w:tc><w:tc>${paragraph(run("x"))}</w:tc></w:tr>`;
  assert.deepEqual(await body(`<w:tbl>${row("a")}${row("b", "<w:del/>")}${row("c", "<w:hidden/>")}</w:tbl>`), [
    ": a | x",
  ]);
});

test("a style derived from a heading is one, by its outline level too; a heading of a table of contents is none", async () => {
  const style = (id: string, name: string, inside: string): string =>
    `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${name}"/>${inside}</w:style>`;
  const styles =
    style("Kapitel", "Our chapter", '<w:basedOn w:val="Heading1"/>') +
    style("Clause", "Clause", '<w:pPr><w:outlineLvl w:val="1"/></w:pPr>') +
    style("TOCHeading", "TOC Heading", '<w:basedOn w:val="Heading1"/><w:pPr><w:outlineLvl w:val="9"/></w:pPr>') +
    style("Loop", "Loop", '<w:basedOn w:val="Loop"/>');
  const styled = (id: string, text: string): string => paragraph(run(text), `<w:pStyle w:val="${id}"/>`);
  const xml = `${styled("TOCHeading", "Contents")}${styled("Kapitel", "One")}${styled("Clause", "One a")}${styled("Loop", "text")}${paragraph(run("Direct"), '<w:outlineLvl w:val="0"/>')}${paragraph(run("end"))}`;
  assert.deepEqual(await body(xml, { styles }), [": Contents", "One > One a: text", "Direct: end"]);
});

test("tables: empty cells keep their place, frames and layout tables keep their paragraphs", async () => {
  const cell = (inside: string, properties = ""): string => `<w:tc>${properties}${inside}</w:tc>`;
  const text = (words: string): string => paragraph(words && run(words));
  const row = (...cells: string[]): string => `<w:tr>${cells.join("")}</w:tr>`;
  const span = '<w:tcPr><w:gridSpan w:val="2"/></w:tcPr>';
  const grid = `<w:tbl>${row(cell(text("a")), cell(text("")), cell(text("c")))}${row(cell(text("ab"), span), cell(text("c")))}</w:tbl>`;
  assert.deepEqual(await body(grid), [": a |  | c\nab |  | c"]);
  assert.deepEqual(await body(`<w:tbl>${row(cell(text("one") + text("two")))}</w:tbl>`), [": one\n\ntwo"]);
  const layout = `<w:tbl>${row(cell(paragraph(run("Skills"), '<w:pStyle w:val="Heading1"/>') + text("reading")), cell(text("Graz")))}</w:tbl>`;
  assert.deepEqual(await body(layout), ["Skills: reading\n\nGraz"]);
  const control = `<w:tbl><w:sdt><w:sdtContent>${row(cell(text("a")), `<w:sdt><w:sdtContent>${cell(text("b"))}</w:sdtContent></w:sdt>`)}</w:sdtContent></w:sdt></w:tbl>`;
  assert.deepEqual(await body(control), [": a | b"]);
});

test("pictures give their alternative text, text boxes their text, once", async () => {
  const picture = (text: string): string =>
    `<w:r><w:drawing><wp:inline><wp:docPr id="1" name="x" descr="${text}"/></wp:inline></w:drawing></w:r>`;
  assert.deepEqual(await body(paragraph(run("See") + picture("A zebra at a fence") + picture("C:\\pictures\\z.png"))), [
    ": See\n\nA zebra at a fence",
  ]);
  const box = `<w:txbxContent>${paragraph(run("boxed"))}</w:txbxContent>`;
  const both = `<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:wsp><wps:txbx>${box}</wps:txbx></wps:wsp></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape alt="old"><v:textbox>${box}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>`;
  assert.deepEqual(await body(paragraph(run("text") + both)), [": text\n\nboxed"]);
});

test("charts and diagrams say what they show", async () => {
  const values = (name: string, tag: string, texts: string[]): string =>
    `<c:${name}><c:${tag}>${texts.map((text, index) => `<c:pt idx="${index}"><c:v>${text}</c:v></c:pt>`).join("")}</c:${tag}></c:${name}>`;
  const chart = `<c:chartSpace ${namespace}><c:title><a:p><a:r><a:t>Rain</a:t></a:r></a:p></c:title><c:ser>${values("tx", "strCache", ["mm"])}${values("cat", "strCache", ["May", "June"])}${values("val", "numCache", ["12", "40"])}</c:ser></c:chartSpace>`;
  const diagram = `<dgm:dataModel ${namespace}><dgm:pt><dgm:t><a:p><a:r><a:t>Ask</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:dataModel>`;
  const shown = (inside: string): string => paragraph(`<w:r><w:drawing>${inside}</w:drawing></w:r>`);
  const xml = shown('<c:chart r:id="c1"/>') + shown('<dgm:relIds r:dm="d1"/>');
  const parts = [
    ["c1", "chart", "charts/chart1.xml", chart],
    ["d1", "diagramData", "diagrams/data1.xml", diagram],
  ] as const;
  assert.deepEqual(await body(xml, { parts }), [": Rain\n\n | mm\nMay | 12\nJune | 40\n\nAsk"]);
});

test("equations are readable", async () => {
  const r = (text: string): string => `<m:r><m:t>${text}</m:t></m:r>`;
  const e = (inside: string): string => `<m:e>${inside}</m:e>`;
  const equation = async (inside: string): Promise<string | undefined> =>
    (await body(paragraph(`<m:oMath>${inside}</m:oMath>`)))[0];
  const square = `<m:sSup>${e(r("b"))}<m:sup>${r("2")}</m:sup></m:sSup>`;
  const root = `<m:rad><m:radPr><m:degHide/></m:radPr><m:deg/>${e(square + r("-4ac"))}</m:rad>`;
  const roots = `${r("x=")}<m:f><m:num>${r("-b±")}${root}</m:num><m:den>${r("2a")}</m:den></m:f>`;
  assert.equal(await equation(roots), ": x=(-b±√(b^2-4ac))/2a");
  const sum = `<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>${r("i=1")}</m:sub><m:sup>${r("n")}</m:sup>${e(r("i"))}</m:nary>`;
  assert.equal(await equation(sum), ": ∑_(i=1)^n i");
  const matrix = `<m:d><m:dPr><m:begChr m:val="|"/><m:endChr m:val="|"/></m:dPr>${e(`<m:m><m:mr>${e(r("a"))}${e(r("b"))}</m:mr><m:mr>${e(r("c"))}${e(r("d"))}</m:mr></m:m>`)}</m:d>`;
  assert.equal(await equation(matrix), ": |[a, b; c, d]|");
});

test("headers and footers come once, whatever repeats them; notes in them too", async () => {
  const part = (tag: string, text: string): string => `<w:${tag} ${namespace}>${paragraph(run(text))}</w:${tag}>`;
  const parts = [
    ["h1", "header", "header1.xml", part("hdr", "Zebra Ltd")],
    ["h2", "header", "header2.xml", part("hdr", "Zebra Ltd")],
    ["f1", "footer", "footer1.xml", part("ftr", "Confidential")],
  ] as const;
  const xml = paragraph(run("One"), '<w:pStyle w:val="Heading1"/>') + paragraph(run("text"));
  assert.deepEqual(await body(xml, { parts }), [": Zebra Ltd", "One: text", ": Confidential"]);
});

test("characters of picture fonts become Unicode, breaks and hyphens what they are", async () => {
  const wingdings = '<w:rFonts w:ascii="Wingdings"/>';
  const xml = paragraph(
    `${run("\uf0fc", wingdings)}<w:r><w:tab/><w:t>a</w:t><w:noBreakHyphen/><w:t>b</w:t><w:softHyphen/><w:t>c</w:t><w:br/><w:t>d</w:t></w:r>`,
  );
  assert.deepEqual(await body(xml), [": ✓\ta-bc\nd"]);
});

test("other prefixes and the strict namespace read alike", async () => {
  const strict = await makeDocx([], {
    extra: {
      "word/document.xml":
        '<n:document xmlns:n="http://purl.oclc.org/ooxml/wordprocessingml/main"><n:body><n:p><n:r><n:t>strict</n:t></n:r></n:p></n:body></n:document>',
    },
  });
  assert.deepEqual(await read("a.docx", strict), [": strict"]);
});

test("numbers of lists and headings are there as Word shows them; bullets are not", async () => {
  const level = (at: number, format: string, text: string, more = ""): string =>
    `<w:lvl w:ilvl="${at}"><w:start w:val="1"/><w:numFmt w:val="${format}"/>${more}<w:lvlText w:val="${text}"/></w:lvl>`;
  const kind = (id: number, levels: string): string =>
    `<w:abstractNum w:abstractNumId="${id}">${levels}</w:abstractNum>`;
  const list = (id: number, of: number, more = ""): string =>
    `<w:num w:numId="${id}"><w:abstractNumId w:val="${of}"/>${more}</w:num>`;
  const headings = [
    level(0, "upperRoman", "Article %1", '<w:pStyle w:val="Heading1"/>'),
    level(1, "decimal", "%1.%2", '<w:pStyle w:val="Heading2"/><w:isLgl/>'),
  ].join("");
  const items = `${level(0, "lowerLetter", "(%1)")}${level(1, "lowerRoman", "%2.")}${level(2, "bullet", "•")}`;
  const numbering = `<w:numbering ${namespace}>${kind(0, headings)}${kind(1, items)}${list(1, 0)}${list(2, 1)}${list(
    3,
    1,
    '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="3"/></w:lvlOverride>',
  )}</w:numbering>`;
  const styles = [1, 2]
    .map((number) => {
      const place = number === 1 ? "" : '<w:ilvl w:val="1"/>';
      return `<w:style w:type="paragraph" w:styleId="Heading${number}"><w:name w:val="heading ${number}"/><w:pPr><w:numPr>${place}<w:numId w:val="1"/></w:numPr></w:pPr></w:style>`;
    })
    .join("");
  const heading = (depth: number, text: string, more = ""): string =>
    paragraph(run(text), `<w:pStyle w:val="Heading${depth}"/>${more}`);
  const item = (text: string, at: number, id = 2): string =>
    paragraph(run(text), `<w:numPr><w:ilvl w:val="${at}"/><w:numId w:val="${id}"/></w:numPr>`);
  const xml = [
    heading(1, "Scope"),
    heading(2, "Terms"),
    ...[item("first", 0), item("in it", 1), item("dot", 2), item("second", 0), item("anew", 1)],
    heading(2, "Places"),
    item("other list", 0, 3),
    heading(1, "Prices"),
    heading(2, "Fees"),
    paragraph(run("plain")),
    heading(1, "Annex", '<w:numPr><w:numId w:val="0"/></w:numPr>'),
    paragraph(run("end")),
  ].join("");
  assert.deepEqual(await body(xml, { styles, parts: [["n", "numbering", "numbering.xml", numbering]] }), [
    "Article I Scope > 1.1 Terms: (a) first\ni. in it\ndot\n(b) second\ni. anew",
    "Article I Scope > 1.2 Places: (c) other list",
    "Article II Prices > 2.1 Fees: plain",
    "Annex: end",
  ]);
});

test("lists in notes and headers have their numbers, counted apart from those of the text", async () => {
  const level = '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>';
  const lists = `<w:numbering ${namespace}><w:abstractNum w:abstractNumId="0">${level}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>`;
  const item = (text: string, more = ""): string =>
    paragraph(`${run(text)}${more}`, '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>');
  const note = (id: number) => `<w:r><w:footnoteReference w:id="${id}"/></w:r>`;
  const notes = `<w:footnotes ${namespace}><w:footnote w:id="2">${item("why")}${item("how")}</w:footnote><w:footnote w:id="3">${item("when")}</w:footnote></w:footnotes>`;
  const header = `<w:hdr ${namespace}>${item("Draft")}${item("Secret")}</w:hdr>`;
  const parts = [
    ["n", "numbering", "numbering.xml", lists],
    ["f", "footnotes", "footnotes.xml", notes],
    ["h", "header", "header1.xml", header],
  ] as const;
  assert.deepEqual(await body(`${item("one", note(2))}${item("two", note(3))}`, { parts }), [
    ": 1. Draft\n\n2. Secret",
    ": 1. one[1]\n\n[1] 1. why\n2. how\n\n2. two[2]\n\n[2] 3. when",
  ]);
});

test("a document in RTF or MHT inside is read", async () => {
  const page = "MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<p>of the page</p>";
  const parts = [
    ["a1", "aFChunk", "a.rtf", "{\\rtf1 of the letter}"],
    ["a2", "aFChunk", "a.mht", page],
    ["a3", "aFChunk", "b.mht", "MIME-Version: 1.0\r\n\r\nof the text"],
  ] as const;
  const xml = '<w:altChunk r:id="a1"/><w:altChunk r:id="a2"/><w:altChunk r:id="a3"/>';
  assert.deepEqual(await body(xml, { parts }), [": of the letter\n\nof the page\n\nof the text"]);
});

test("a document inside is read, and one that cannot be is told", async () => {
  const parts = [["a1", "aFChunk", "a.mht", "MIME-Version: 1.0\r\nContent-Type: image/png\r\n\r\nx"]] as const;
  const docx = await makeDocx([{ text: "outer" }], { xml: '<w:altChunk r:id="a1"/>', parts });
  const parsed = await parseWith(registry, "a.docx", docx);
  assert.deepEqual(
    documentsOf(parsed).map(({ text }) => text),
    ["outer"],
  );
  assert.deepEqual(
    faultsOf(parsed).map(({ id, code }) => [id, code]),
    [["word/a.mht", "content_lost"]],
  );
});

test("a file that is called DOC is read as what it is", async () => {
  assert.deepEqual(await read("a.doc", Buffer.from("Just text\n")), [": Just text"]);
});
