import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import { assertSections, documentsOf, failsWith, parseWith, sectionTexts } from "../../../test/support/parser/parse.ts";
import type { ParsedDocument } from "../../core/types.ts";
import { createParserRegistry } from "./registry.ts";

const limits = { maxFileBytes: 32 * 1024 * 1024, maxRecordBytes: 1024 * 1024 };
const registry = createParserRegistry({ format: "auto", ...limits });
after(() => registry.close());

async function readMany(content: string | Uint8Array, name = "a.xml"): Promise<ParsedDocument[]> {
  const documents = documentsOf(await parseWith(registry, name, Buffer.from(content)));
  documents.forEach(assertSections);
  return documents;
}

async function read(content: string | Uint8Array, name = "a.xml"): Promise<ParsedDocument> {
  const [document, ...more] = await readMany(content, name);
  assert.ok(document);
  assert.equal(more.length, 0);
  return document;
}

const caseFile = (path: string): Promise<Buffer> => readFile(new URL(`../../../test/cases/${path}`, import.meta.url));

test("DocBook: titles are headings, markup is no text", async () => {
  const document = await read(await caseFile("xml-docbook/a.xml"));
  assert.equal(document.title, "Zebra");
  assert.deepEqual(sectionTexts(document), ["Zebra > Feed: Feed clover & hay at dawn."]);
});

test("DocBook: info, inline elements, code, tables, captions, index terms, lists", async () => {
  const document = await read(
    `<!DOCTYPE article PUBLIC "-//OASIS//DTD DocBook XML V4.5//EN" "x.dtd" [ <!ENTITY zoo "Zoo > town"> <!-- ] > " --> ]>
    <db:article xmlns:db="http://docbook.org/ns/docbook" version="5.0">
      <db:info><db:author><db:firstname>Ann</db:firstname> <db:surname>Lee</db:surname></db:author><db:title>Care of <db:emphasis>zebras</db:emphasis></db:title></db:info>
      <db:section><db:title>Tools</db:title>
        <db:para><db:emphasis>First</db:emphasis> take a <db:command>broom</db:command><db:indexterm><db:primary>SECRET</db:primary></db:indexterm>, of
          the &zoo;.</db:para>
        <db:programlisting>
if x:
    sweep()</db:programlisting>
        <db:itemizedlist><db:listitem><db:para>one</db:para></db:listitem><db:listitem><db:para>two</db:para></db:listitem></db:itemizedlist>
        <db:table><db:title>Sizes</db:title><db:tgroup><db:tbody><db:row><db:entry>a</db:entry><db:entry/><db:entry><db:para>c</db:para><db:para>d</db:para></db:entry></db:row>
          <db:row><db:entry>e</db:entry><db:entry>f</db:entry></db:row></db:tbody></db:tgroup></db:table>
      </db:section>
    </db:article>`,
    "care.dbk",
  );
  assert.equal(document.title, "Care of zebras");
  assert.deepEqual(sectionTexts(document), [
    ": Ann Lee",
    "Care of zebras > Tools: First take a broom, of the &zoo;.\n\nif x:\n    sweep()\n\none\n\ntwo\n\nSizes\na |  | c d\ne | f",
  ]);
});

test("JATS and DITA: the same rules", async () => {
  const jats = await read(
    "<article><front><journal-meta><journal-title>Zoology</journal-title></journal-meta><article-meta><title-group><article-title>On <italic>stripes</italic></article-title></title-group><abstract><p>Short.</p></abstract></article-meta></front><body><sec><title>Results</title><p>A <xref>1</xref>b.</p><fig><caption><title>Fig</title><p>Cap.</p></caption></fig></sec></body></article>",
    "a.nxml",
  );
  assert.equal(jats.title, "On stripes");
  assert.deepEqual(sectionTexts(jats), [
    ": Zoology",
    "On stripes: Short.",
    "On stripes > Results: A 1b.\n\nFig\n\nCap.",
  ]);
  const dita = await read(
    "<topic id='t'><title>Feeding</title><shortdesc>How.</shortdesc><body><section><title>When</title><p>At <b>dawn</b>.</p></section></body></topic>",
    "a.dita",
  );
  assert.deepEqual(sectionTexts(dita), ["Feeding: How.", "Feeding > When: At dawn."]);
});

test("XML of any kind: fields are lines, records paragraphs, comments and attributes no text", async () => {
  const document = await read(
    "<?xml version='1.0'?><!-- no --><zoo id='7'><animal n='1'><name>Zebra</name><food>Clover</food></animal><animal><name>Lion <em>old</em></name><remark><![CDATA[a <b> & c]]></remark></animal></zoo>",
    "zoo.xml",
  );
  assert.equal(document.title, "zoo");
  assert.equal(document.text, "Zebra\nClover\n\nLion old\na <b> & c");
});

test("what an XML file says in attributes alone is read as it is written", async () => {
  const source = '<config><server host="zebra.example" port="80"/></config>';
  assert.equal((await read(source)).text, source);
});

test("encodings: declared, by width, by a mark; one bad byte costs one character", async () => {
  assert.equal((await read(await caseFile("xml-latin1/a.xml"))).text, "Köln zebra");
  const declared = (label: string, bytes: Buffer) =>
    Buffer.concat([Buffer.from(`<?xml version="1.0" encoding="${label}"?>`), bytes]);
  assert.equal(
    (await read(declared("windows-1251", Buffer.from("<r>\xc7\xe5\xe1\xf0\xe0</r>", "latin1")))).text,
    "Зебра",
  );
  assert.equal(
    (await read(declared("Shift_JIS", Buffer.from("<r>\x93\xfa\xff\x96\x7b</r>", "latin1")))).text,
    "日\ufffd本",
  );
  assert.equal((await read(declared("utf-16", Buffer.from("<r>é</r>")))).text, "é");
  assert.equal((await read(Buffer.from("\ufeff<r>日本</r>", "utf16le"))).text, "日本");
  assert.equal((await read(Buffer.from("<r>日本</r>", "utf16le"))).text, "日本");
  assert.equal((await read(Buffer.from("<r>caf\xe9 Stra\xdfe</r>", "latin1"))).text, "café Straße");
});

test("entities are not expanded, whatever they would stand for", async () => {
  const lol = Array.from({ length: 20 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join("");
  const bomb = `<!DOCTYPE r [<!ENTITY l0 "lol">${lol}<!ENTITY file SYSTEM "file:///etc/passwd">]><r>x &l20; &file; &#90;&lt;</r>`;
  assert.equal((await read(bomb)).text, "x &l20; &file; Z<");
});

test("RSS and Atom: an item is a record", async () => {
  const rss = await readMany(
    `<?xml version="1.0"?><rss version="2.0"><channel><title>Zoo</title><item><title>Zebra &amp; co</title><link>http://e.org/1</link><guid>g1</guid><pubDate>Mon</pubDate><category>a</category><category>b</category><description>&lt;p&gt;Eats &lt;b&gt;clover&lt;/b&gt;.&lt;/p&gt;</description></item>
     <item><title>Only a title</title></item><item><guid>g1</guid><description>Again</description></item></channel></rss>`,
    "news.xml",
  );
  assert.deepEqual(
    rss.map(({ id, title, text, metadata }) => [id, title, text, metadata]),
    [
      ["g1", "Zebra & co", "Eats clover.", { link: "http://e.org/1", date: "Mon", categories: ["a", "b"] }],
      ["2", "Only a title", "Only a title", {}],
      ["g1 (2)", "", "Again", {}],
    ],
  );
  const [atom] = await readMany(
    `<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>urn:1</id><title>One</title><link rel="self" href="no"/><link href="http://e.org/a"/><author><name>Ann</name><email>a@e.org</email></author><content type="xhtml"><div xmlns="x"><p>A &lt; B</p><p>C</p></div></content></entry></feed>`,
    "feed.atom",
  );
  assert.deepEqual(
    [atom?.id, atom?.title, atom?.text, atom?.metadata],
    ["urn:1", "One", "A < B\n\nC", { link: "http://e.org/a", author: "Ann a@e.org" }],
  );
});

test("damage and depth: no crash, no hang", async () => {
  for (const broken of ["<a><b>words", "<a>words</b></a>", "words", "<a b='words", "<!DOCTYPE a [ <a>words"]) {
    assert.match((await read(broken)).text, /words/, broken);
  }
  const nested = (depth: number) => read(`${"<a>".repeat(depth)}words${"</a>".repeat(depth)}`);
  assert.equal((await nested(1000)).text, "words");
  await assert.rejects(nested(1_000_000), failsWith("parse_limit", /1000 deep/));
  await assert.rejects(read(`<rss><channel>${"<a>".repeat(1_000_000)}`), failsWith("parse_limit", /1000 deep/));
  assert.match((await read(`<r>${"<title>x".repeat(500)}</r>`)).text, /x/);
});

test("random trees of text come back word for word, in order", async () => {
  const word = fc.stringMatching(/^[a-zA-Zäß日]{1,9}$/);
  const name = fc.constantFrom("p", "title", "b", "row", "entry", "section", "x", "pre", "info");
  const tree = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof({ depthSize: "small" }, word, fc.tuple(name, fc.array(tie("node"), { maxLength: 4 }))),
  })).node;
  const render = (node: unknown): string => {
    if (!Array.isArray(node)) return ` ${String(node)} `;
    const [element, children] = node as [string, unknown[]];
    return `<${element}>${children.map(render).join("")}</${element}>`;
  };
  await fc.assert(
    fc.asyncProperty(fc.array(tree, { maxLength: 5 }), async (nodes) => {
      const source = render(["root", ["begin", ...nodes]]);
      const wanted = source
        .replace(/<[^>]*>/g, " ")
        .trim()
        .split(/\s+/);
      const { text } = await read(source);
      assert.deepEqual(text.replace(/\|/g, " ").trim().split(/\s+/), wanted);
    }),
    { numRuns: 150 },
  );
});
