import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import {
  assertSections,
  cutAt,
  failsWith,
  parseAll,
  parseOne,
  sectionTexts,
} from "../../../test/support/parser/parse.ts";
import { createHtmlParser } from "./html.ts";
import { htmlContent } from "./html-content.ts";
import { createSandbox } from "./sandbox.ts";

const sandbox = createSandbox({ workers: 1 });
after(() => sandbox.close());
const parser = createHtmlParser(sandbox, 32 * 1024 * 1024);
const parse = (html: string | Uint8Array | readonly Uint8Array[]) =>
  parseOne(parser, html, { uri: "file:///docs/page.html" });

test("boilerplate is dropped, headings make sections, title is the page's", async () => {
  const document = await parse(`<!doctype html><html><head><title>The &amp; page</title><style>p{}</style></head><body>
    <header><h1>Site</h1></header><nav>Menu</nav><div role="navigation">More menu</div>
    <main><article><header><h1>Real <em>head</em>ing</h1></header>
    <p>First   <b>bo</b>ld&nbsp;text.<br>New line</p><script>alert(1)</script><noscript>No</noscript>
    <p hidden>gone</p><p style="display: none">gone</p><p aria-hidden="true">gone</p>
    <h2>Part</h2><ul><li>one</li><li>two</li></ul><footer>Written by Ann</footer></article></main>
    <aside>Ads</aside><form><label>Mail</label></form><footer>Imprint</footer></body></html>`);
  assert.equal(document.title, "The & page");
  assert.deepEqual(sectionTexts(document), [
    "Real heading: First bold text.\nNew line",
    "Real heading > Part: one\ntwo\n\nWritten by Ann",
  ]);
});

test("tables keep rows and cells apart, pre keeps its lines", () => {
  const { text } = htmlContent(
    "<table><tr><th>Name</th><th>Price</th></tr><tr><td><p>Apple</p></td><td><p>1</p><p>each</p></td></tr></table><pre>a\n  b</pre>",
  );
  assert.equal(text, "Name | Price\nApple | 1\neach\n\na\n  b");
});

test("small articles beside the text do not replace it; a page inside a form is kept", () => {
  const long = "A long text. ".repeat(20).trim();
  assert.equal(htmlContent(`<p>${long}</p><article>card</article>`).text, `${long}\n\ncard`);
  assert.equal(htmlContent(`<article>${long}</article><p>other</p>`).text, long);
  assert.equal(htmlContent(`<form><p>${long}</p></form><p>end</p>`).text, `${long}\n\nend`);
  assert.equal(htmlContent(`<nav><a>Only</a> <a>links</a></nav>`).text, "Only links");
});

test("invisible characters go even as entities, and emoji made of entities stay whole", () => {
  assert.equal(htmlContent("pass&#8203;word &#x1F469;&#x200D;&#x1F4BB;").text, "password 👩‍💻");
});

test("a page says what of it is no character", async () => {
  const bytes = Buffer.concat([Buffer.from('<meta charset="utf-8"><p>é è '), Buffer.of(0xff)]);
  const [document, fault] = await parseAll(parser, bytes);
  assert.deepEqual([document?.kind, fault?.kind === "fault" && fault.code], ["document", "content_lost"]);
  assert.match(fault?.kind === "fault" ? fault.reason : "", /^1 place holds bytes that are not valid UTF-8/);
});

test("nested 100,000 deep it is read all the same", async () => {
  const document = await parse(`${"<div>".repeat(100_000)}deep down`);
  assert.deepEqual([document.title, document.text], ["page", "deep down"]);
});

test("a page without text is content_empty", async () => {
  await assert.rejects(
    parse("<html><body><script>app()</script><noscript>Enable it</noscript></body></html>"),
    failsWith("content_empty"),
  );
});

test("any soup of tags gives ordered sections, and pieces of the bytes give the same", async () => {
  const tag = fc.constantFrom(
    "<h1>",
    "</h1>",
    "<h3>",
    "</h3>",
    "<p>",
    "</p>",
    "<td>",
    "<tr>",
    "</tr>",
    "</table>",
    "<table>",
    "<pre>",
    "</pre>",
    "<main>",
    "</main>",
    "<article>",
    "<form>",
    "</form>",
    "<nav>",
    "</nav>",
    "<script>",
    "</script>",
    "<br>",
    "<title>",
    "</title>",
    "<b",
    '="',
    "<!--",
    "-->",
  );
  const part = fc.oneof(tag, fc.constantFrom("word", " ", "\n", "é", "&nbsp;", "&#8203;", "😀"));
  const soup = fc.array(part, { maxLength: 40 }).map((parts) => `words${parts.join("")}`);
  fc.assert(
    fc.property(soup, (html) => {
      const content = htmlContent(html);
      assertSections({ kind: "document", metadata: {}, ...content });
    }),
    { numRuns: 500 },
  );
  await fc.assert(
    fc.asyncProperty(soup, fc.array(fc.nat(), { maxLength: 5 }), async (html, cuts) => {
      const bytes = Buffer.from(`<p>start</p>${html}`);
      assert.deepEqual(await parse(cutAt(bytes, cuts)), await parse(bytes));
    }),
    { numRuns: 30 },
  );
});
