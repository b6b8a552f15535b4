// What is rare in Word documents, and was lost or made up before.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { makeDocx, namespace } from "../../../../test/support/parser/make-docx.ts";
import { documentsOf, faultsOf, parseWith } from "../../../../test/support/parser/parse.ts";
import { createParserRegistry } from "../registry.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 22, maxRecordBytes: 2 ** 20 });
after(() => registry.close());

type Options = Parameters<typeof makeDocx>[1];
const parse = async (xml: string, options: Options = {}) =>
  parseWith(registry, "a.docx", await makeDocx([], { ...options, xml }));
const text = async (xml: string, options: Options = {}): Promise<string | undefined> =>
  documentsOf(await parse(xml, options))[0]?.text;
const run = (words: string, properties = ""): string =>
  `<w:r>${properties && `<w:rPr>${properties}</w:rPr>`}<w:t xml:space="preserve">${words}</w:t></w:r>`;
const paragraph = (inside: string, properties = ""): string =>
  `<w:p>${properties && `<w:pPr>${properties}</w:pPr>`}${inside}</w:p>`;

test("a field that never ends does not swallow what follows", async () => {
  const begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>';
  const noted = '<w:r><w:footnoteReference w:id="2"/></w:r>';
  const footnotes = `<w:footnotes ${namespace}><w:footnote w:id="2">${paragraph(run("the source"))}</w:footnote></w:footnotes>`;
  assert.equal(
    await text(paragraph(run("Zebras") + noted + begin) + paragraph(run("graze.")), {
      parts: [["f", "footnotes", "footnotes.xml", footnotes]],
    }),
    "Zebras[1]\n\n[1] the source\n\ngraze.",
  );
});

test("text is hidden by the defaults of a document and by the style of plain paragraphs, unless a run says otherwise", async () => {
  const seen = run("seen", '<w:vanish w:val="0"/>');
  const defaults = "<w:docDefaults><w:rPrDefault><w:rPr><w:vanish/></w:rPr></w:rPrDefault></w:docDefaults>";
  assert.equal(await text(paragraph(run("secret") + seen), { styles: defaults }), "seen");
  const plain =
    '<w:style w:type="paragraph" w:default="1" w:styleId="N"><w:name w:val="Normal"/><w:rPr><w:vanish/></w:rPr></w:style>';
  assert.equal(await text(paragraph(run("secret") + seen), { styles: plain }), "seen");
  const drawing = `<w:r><w:drawing><wp:anchor><wp:docPr id="1" name="T" hidden="1"/><wps:txbx><w:txbxContent>${paragraph(run("secret"))}</w:txbxContent></wps:txbx></wp:anchor></w:drawing></w:r>`;
  assert.equal(await text(paragraph(run("seen") + drawing)), "seen");
});

test("a note with a mark of its own keeps it, and is not counted", async () => {
  const note = (id: number, words: string): string => `<w:footnote w:id="${id}">${paragraph(run(words))}</w:footnote>`;
  const footnotes = `<w:footnotes ${namespace}>${note(2, "* starred")}${note(3, "counted")}</w:footnotes>`;
  const own = '<w:r><w:footnoteReference w:customMarkFollows="1" w:id="2"/><w:t>*</w:t></w:r>';
  const counted = '<w:r><w:footnoteReference w:id="3"/></w:r>';
  assert.equal(
    await text(paragraph(run("a") + own + run(" b") + counted), {
      parts: [["f", "footnotes", "footnotes.xml", footnotes]],
    }),
    "a* b[1]\n\n* starred\n\n[1] counted",
  );
});

test("accents, bars, phantoms and tracked changes of equations", async () => {
  const m = (words: string): string => `<m:r><m:t>${words}</m:t></m:r>`;
  const chr = (sign: string): string => `<m:accPr><m:chr m:val="${sign}"/></m:accPr>`;
  const equations: readonly (readonly [string, string])[] = [
    [`<m:acc><m:e>${m("x")}</m:e></m:acc>`, "x\u0302"],
    [`<m:acc>${chr("\u20d7")}<m:e>${m("v")}</m:e></m:acc>`, "v\u20d7"],
    [`<m:bar><m:barPr><m:pos m:val="top"/></m:barPr><m:e>${m("a+b")}</m:e></m:bar>`, "(a+b)\u0305"],
    [`<m:phant><m:phantPr><m:show m:val="0"/></m:phantPr><m:e>${m("x")}</m:e></m:phant>${m("y")}`, "y"],
    [`<m:phant><m:e>${m("x")}</m:e></m:phant>${m("y")}`, "xy"],
    [`${m("a")}<w:del>${m("b")}</w:del><w:ins>${m("c")}</w:ins>`, "ac"],
  ];
  for (const [equation, shown] of equations)
    assert.equal(await text(paragraph(`<m:oMath>${equation}</m:oMath>`)), shown);
});

test("where the newest form of something is empty, the older one is read; never both", async () => {
  const alternatives = (choice: string): string =>
    paragraph(
      `<w:r><mc:AlternateContent><mc:Choice Requires="new">${choice}</mc:Choice><mc:Fallback><w:t>older</w:t></mc:Fallback></mc:AlternateContent></w:r>`,
    );
  assert.equal(await text(alternatives("")), "older");
  assert.equal(await text(alternatives("<w:t>newer</w:t>")), "newer");
});

test("a row that begins further right keeps its columns", async () => {
  const cell = (words: string): string => `<w:tc>${paragraph(run(words))}</w:tc>`;
  const row = (properties: string, ...cells: string[]): string =>
    `<w:tr><w:trPr>${properties}</w:trPr>${cells.map(cell).join("")}</w:tr>`;
  const table = `<w:tbl>${row("", "a", "b", "c")}${row('<w:gridBefore w:val="1"/>', "2", "3")}</w:tbl>`;
  assert.equal(await text(table), "a | b | c\n | 2 | 3");
});

test("an embedded document that is binary, or is not in the file, is told and not read as letters", async () => {
  const chunk = `${paragraph(run("Zebras"))}<w:altChunk r:id="c"/>`;
  for (const content of ["%PDF-1.4\n%\u00ff junk", "GIF89a\u0000\u0001"]) {
    const parsed = await parse(chunk, { parts: [["c", "aFChunk", "chunk.bin", content]] });
    assert.equal(documentsOf(parsed)[0]?.text, "Zebras");
    assert.deepEqual(
      faultsOf(parsed).map(({ id, code }) => [id, code]),
      [["word/chunk.bin", "content_lost"]],
    );
  }
  const parsed = await parse(chunk);
  assert.deepEqual(
    faultsOf(parsed).map(({ id, code }) => [id, code]),
    [["c", "content_lost"]],
  );
});

test("notes and comments without words leave their mark alone", async () => {
  const parts = (name: string, inside: string): string => `<w:${name}s ${namespace}>${inside}</w:${name}s>`;
  const marks =
    '<w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:commentReference w:id="0"/></w:r><w:r><w:footnoteReference w:id="3"/></w:r>';
  const footnotes = parts(
    "footnote",
    `<w:footnote w:id="2"><w:p/></w:footnote><w:footnote w:id="3">${paragraph(run("told"))}${paragraph("")}</w:footnote>`,
  );
  const comments = parts("comment", '<w:comment w:id="0" w:author="Ann"><w:p/></w:comment>');
  assert.equal(
    await text(paragraph(run("Zebras") + marks), {
      parts: [
        ["f", "footnotes", "footnotes.xml", footnotes],
        ["c", "comments", "comments.xml", comments],
      ],
    }),
    "Zebras[1][2]\n\n[2] told",
  );
});
