// What is rare in texts and slides of OpenDocument, and was lost or shown though hidden before.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { makeOdf } from "../../../../test/support/parser/make-sheets.ts";
import { documentsOf, failsWith, faultsOf, parseWith, sectionTexts } from "../../../../test/support/parser/parse.ts";
import { createParserRegistry } from "../registry.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 22, maxRecordBytes: 2 ** 20 });
after(() => registry.close());

const text = async (body: string, styles = "", more: Readonly<Record<string, string>> = {}): Promise<string> =>
  documentsOf(await parseWith(registry, "a.odt", await makeOdf("text", body, styles, more)))[0]?.text ?? "";
const p = (words: string, style = ""): string => `<text:p${style && ` text:style-name="${style}"`}>${words}</text:p>`;
const hiding = (name: string, family: string, parent = "", display = ' text:display="none"'): string =>
  `<style:style style:name="${name}" style:family="${family}"${parent && ` style:parent-style-name="${parent}"`}><style:text-properties${display}/></style:style>`;

test("what a style or a field hides is left out", async () => {
  const styles =
    hiding("H", "paragraph") +
    hiding("Below", "paragraph", "H", "") +
    hiding("Shown", "paragraph", "H", ' text:display="true"') +
    hiding("HS", "text");
  const body = [
    p("secret", "H"),
    p("secret", "Below"),
    p("shown again", "Shown"),
    p('open<text:span text:style-name="HS">secret</text:span>'),
    p('a<text:hidden-text text:is-hidden="true">secret</text:hidden-text>b'),
    p('<text:hidden-paragraph text:is-hidden="true"/>secret'),
    p('<text:hidden-paragraph text:is-hidden="false"/>told'),
  ];
  assert.equal(await text(body.join(""), styles), "shown again\n\nopen\n\nab\n\ntold");
});

test("a title is one by what its style is derived from; a header that is switched off is none", async () => {
  const styles = '<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Title"/>';
  const odt = await makeOdf("text", p("The title", "P1") + p("Zebras"), styles);
  const [document] = documentsOf(await parseWith(registry, "a.odt", odt));
  assert.ok(document);
  assert.deepEqual([document.title, sectionTexts(document)], ["The title", ["The title: Zebras"]]);
  const names = ["office", "text", "style"].map(
    (name) => `xmlns:${name}="urn:oasis:names:tc:opendocument:xmlns:${name}:1.0"`,
  );
  const master = `<office:document-styles ${names.join(" ")}><style:header>${p("top")}</style:header><style:header style:display="false">${p("off")}</style:header></office:document-styles>`;
  assert.equal(await text(p("Zebras"), "", { "styles.xml": master }), "top\n\nZebras");
});

test("equal cells of a table that are written once, and an equation inside the text's own part", async () => {
  const row = (inside: string): string => `<table:table-row>${inside}</table:table-row>`;
  const cells = `<table:table-cell table:number-columns-repeated="2">${p("x")}</table:table-cell>`;
  assert.equal(await text(`<table:table>${row(cells)}</table:table>`), "x | x");
  const math =
    '<math:math xmlns:math="http://www.w3.org/1998/Math/MathML"><math:mi>E</math:mi><math:mo>=</math:mo><math:mi>m</math:mi></math:math>';
  assert.equal(await text(p(`<draw:frame><draw:object>${math}</draw:object></draw:frame>`)), "E=m");
});

test("hidden slides are told and left out, footers and numbers of slides too", async () => {
  const frame = (words: string, kind: string): string =>
    `<draw:frame presentation:class="${kind}"><draw:text-box>${p(words)}</draw:text-box></draw:frame>`;
  const styles =
    '<style:style style:name="dp" style:family="drawing-page"><style:drawing-page-properties presentation:visibility="hidden"/></style:style>';
  const seen = `<draw:page>${frame("Zebras", "title")}${frame("Ltd", "footer")}${frame("7", "page-number")}${frame("May", "date-time")}</draw:page>`;
  const hidden = `<draw:page draw:style-name="dp">${frame("secret", "title")}</draw:page>`;
  const parsed = await parseWith(registry, "a.odp", await makeOdf("presentation", seen + hidden, styles));
  assert.equal(documentsOf(parsed)[0]?.text, "Slide 1: Zebras");
  assert.deepEqual(
    faultsOf(parsed).map(({ id, code }) => [id, code]),
    [["slides 2", "content_lost"]],
  );
  const alone = await makeOdf("presentation", hidden, styles);
  await assert.rejects(parseWith(registry, "a.odp", alone), failsWith("content_empty", /hidden/));
});

/** A document as one file of XML. */
function flat(kind: string, body: string): Buffer {
  const names = ["office", "text", "table", "draw", "presentation", "meta"].map(
    (name) => `xmlns:${name}="urn:oasis:names:tc:opendocument:xmlns:${name === "draw" ? "drawing" : name}:1.0"`,
  );
  const root = `<office:document ${names.join(" ")} office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.${kind}">`;
  return Buffer.from(
    `<?xml version="1.0"?>${root}<office:meta><meta:generator>Generator</meta:generator></office:meta><office:body><office:${kind}>${body}</office:${kind}></office:body></office:document>`,
  );
}

test("flat OpenDocument is read as the document that it is, under its own name and as XML", async () => {
  const picture =
    "<draw:frame><draw:image><office:binary-data>iVBORw0KGgo=</office:binary-data></draw:image></draw:frame>";
  const written = flat("text", `<text:h text:outline-level="1">Herds</text:h>${p(`Zebras graze.${picture}`)}`);
  for (const name of ["a.fodt", "a.xml", "a.odt"]) {
    const [document] = documentsOf(await parseWith(registry, name, written));
    assert.ok(document);
    assert.deepEqual(sectionTexts(document), ["Herds: Zebras graze."]);
  }
  const cell = (words: string): string => `<table:table-cell>${p(words)}</table:table-cell>`;
  const rows = [
    ["name", "city"],
    ["Zena", "Graz"],
  ].map((row) => `<table:table-row>${row.map(cell).join("")}</table:table-row>`);
  const sheet = flat("spreadsheet", `<table:table table:name="S">${rows.join("")}</table:table>`);
  assert.deepEqual(
    documentsOf(await parseWith(registry, "a.fods", sheet)).map(({ id, text: words }) => `${id} ${words}`),
    ["S!2 name: Zena\ncity: Graz"],
  );
  const slides = flat(
    "presentation",
    `<draw:page><draw:frame><draw:text-box>${p("Zebras")}</draw:text-box></draw:frame></draw:page>`,
  );
  assert.equal(documentsOf(await parseWith(registry, "a.fodp", slides))[0]?.text, "Slide 1\n\nZebras");
});

test("a password is found by the marks of the manifest, empty ones too", async () => {
  const manifest =
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>';
  const odt = await makeOdf("text", p("x"), "", { "META-INF/manifest.xml": manifest });
  await assert.rejects(parseWith(registry, "a.odt", odt), failsWith("parse_encrypted"));
});
