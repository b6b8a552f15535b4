import assert from "node:assert/strict";
import { after, test } from "node:test";
import { makeZip } from "../../../../test/support/parser/make-docx.ts";
import { makeOdf } from "../../../../test/support/parser/make-sheets.ts";
import {
  assertSections,
  documentsOf,
  failsWith,
  faultsOf,
  parseWith,
  sectionTexts,
} from "../../../../test/support/parser/parse.ts";
import { createParserRegistry } from "../registry.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 25, maxRecordBytes: 2 ** 20 });
after(() => registry.close());

async function read(name: string, bytes: Uint8Array) {
  const parsed = await parseWith(registry, name, bytes);
  const [document] = documentsOf(parsed);
  assert.ok(document);
  assertSections(document);
  return { title: document.title, sections: sectionTexts(document), faults: faultsOf(parsed).map(({ id }) => id) };
}

test("ODT: headings, lists, tables, notes, comments, text boxes; what was deleted stays out", async () => {
  const p = (inside: string): string => `<text:p>${inside}</text:p>`;
  const cell = (inside: string): string => `<table:table-cell>${inside}</table:table-cell>`;
  const note = `<text:note><text:note-citation>1</text:note-citation><text:note-body>${p("A source.")}</text:note-body></text:note>`;
  const body = `<text:tracked-changes>${p("gone")}</text:tracked-changes><text:h text:outline-level="1">Zebras</text:h>${p(`They<text:s text:c="2"/>eat${note} grass<office:annotation>${p("sure?")}</office:annotation>.`)}<text:list><text:list-item>${p("one")}</text:list-item><text:list-item>${p("two")}</text:list-item></text:list><text:h text:outline-level="2">Table</text:h><table:table><table:table-row>${cell(p("a"))}${cell("")}${cell(p("c"))}</table:table-row></table:table>`;
  const { title, sections } = await read("a.odt", await makeOdf("text", body));
  assert.equal(title, "Zebras");
  assert.deepEqual(sections, [
    "Zebras: They  eat[1] grass.\n\n[1] A source.\n\n[Comment: sure?]\n\none\ntwo",
    "Zebras > Table: a |  | c",
  ]);
  await assert.rejects(read("a.odt", await makeOdf("text", p(" "))), failsWith("content_empty"));
});

test("ODT: equations as one types them, where they stand", async () => {
  const equation = `<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow><mi>x</mi><mo>=</mo><mfrac><mrow><mo>-</mo><mi>b</mi><mo>±</mo><msqrt><mrow><msup><mi>b</mi><mn>2</mn></msup><mo>-</mo><mn>4</mn><mi>a</mi><mi>c</mi></mrow></msqrt></mrow><mrow><mn>2</mn><mi>a</mi></mrow></mfrac></mrow><annotation encoding="StarMath 5.0">x = typed</annotation></semantics></math>`;
  const frame = (object: string): string => `<draw:frame><draw:object xlink:href="./${object}"/></draw:frame>`;
  const body = `<text:p>So ${frame("Object 1")} holds${frame("Object 2")}${frame("gone")}.</text:p>`;
  const { sections } = await read(
    "a.odt",
    await makeOdf("text", body, "", { "Object 1/content.xml": equation, "Object 2/content.xml": "<chart/>" }),
  );
  assert.deepEqual(sections, [": So x=(-b±√(b^2-4ac))/(2a) holds."]);
});

test("ODP: a slide is a section, one without text is told", async () => {
  const frame = (words: string, more = ""): string =>
    `<draw:frame${more}><draw:text-box><text:p>${words}</text:p></draw:text-box></draw:frame>`;
  const page = (inside: string): string => `<draw:page>${inside}</draw:page>`;
  const body = `${page(`${frame("Food", ' presentation:class="title"')}${frame("grass")}<presentation:notes>${frame("Say why")}</presentation:notes>`)}${page("")}`;
  const { title, sections, faults } = await read("a.odp", await makeOdf("presentation", body));
  assert.equal(title, "Food");
  assert.deepEqual(sections, ["Slide 1: Food: grass", "Slide 1: Food > Notes: Say why"]);
  assert.deepEqual(faults, ["slides 2"]);
});

test("EPUB: chapters in the order of the spine; a missing one is told, a protected book refused", async () => {
  const opf = `<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>On zebras</dc:title></metadata><manifest><item id="a" href="text/a%201.xhtml"/><item id="b" href="text/b.xhtml"/><item id="c" href="text/c.xhtml"/></manifest><spine><itemref idref="b"/><itemref idref="a"/><itemref idref="c"/></spine></package>`;
  const parts = {
    mimetype: "application/epub+zip",
    "META-INF/container.xml": `<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>`,
    "OPS/book.opf": opf,
    "OPS/text/a 1.xhtml": "<html><body><h1>Two</h1><p>Second words.</p></body></html>",
    "OPS/text/b.xhtml": "<html><body><h1>One</h1><p>First words.</p></body></html>",
  };
  const { title, sections, faults } = await read("a.epub", await makeZip(parts));
  assert.equal(title, "On zebras");
  assert.deepEqual(sections, ["One: First words.", "Two: Second words."]);
  assert.deepEqual(faults, ["OPS/text/c.xhtml"]);
  const locked = `<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><e:EncryptedData xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:CipherData><e:CipherReference URI="OPS/text/b.xhtml"/></e:CipherData></e:EncryptedData></encryption>`;
  const book = await makeZip({ ...parts, "META-INF/encryption.xml": locked });
  await assert.rejects(read("a.epub", book), failsWith("parse_encrypted", /DRM/));
});

test("EPUB: package documents of before OPF and without a namespace, and pages that are drawings", async () => {
  for (const declared of [' xmlns="http://openebook.org/namespaces/oeb-package/1.0/"', ""]) {
    const opf = `<package${declared}><manifest><item id="a" href="a.html"/><item id="b" href="b.svg"/></manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>`;
    const parts = {
      mimetype: "application/epub+zip",
      "META-INF/container.xml": `<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="book.opf"/></rootfiles></container>`,
      "book.opf": opf,
      "a.html": "<html><body><p>First words.</p></body></html>",
      "b.svg": '<svg xmlns="http://www.w3.org/2000/svg"><style>.a{}</style><text>Drawn words</text></svg>',
    };
    assert.deepEqual((await read("a.epub", await makeZip(parts))).sections, [": First words.", ": Drawn words"]);
  }
});
