import assert from "node:assert/strict";
import { test } from "node:test";
import { htmlContent } from "./html-content.ts";

const page = (body: string) => `<!doctype html><title>T</title><main><h1>Zoo</h1>${body}</main>`;
const linesOf = (body: string) => htmlContent(page(body)).text.replace(/^Zoo\n\n/, "");

test("a cell that reaches down stands in the last column of the rows below, never in one further down", () => {
  const rows =
    "<tr><td>a</td><td rowspan=2>R</td></tr><tr><td>b</td></tr><tr><td>c</td><td>d</td></tr><tr></tr><tr><td>e</td></tr>";
  assert.equal(linesOf(`<table>${rows}</table>`), "a | R\nb | R\nc | d\ne");
  const wide = "<tr><td>x</td><td>y</td><td rowspan=3>Z</td></tr><tr><td>1</td></tr><tr></tr><tr><td>2</td></tr>";
  assert.equal(linesOf(`<table>${wide}</table>`), "x | y | Z\n1 |  | Z\n2");
});

test("what stands for a table or a heading by its role is one", () => {
  const cells = (values: string[]) => values.map((value) => `<span role="cell">${value}</span>`).join("");
  const rows = [
    ["Zebra", "", "1"],
    ["Okapi", "x", "2"],
  ].map((values) => `<div role="row">${cells(values)}</div>`);
  assert.equal(linesOf(`<div role="table">${rows.join("")}</div>`), "Zebra |  | 1\nOkapi | x | 2");
  const grouped = rows.map((row) => `<div role="rowgroup">${row}</div>`).join("");
  assert.equal(linesOf(`<div role="grid">${grouped}</div>`), "Zebra |  | 1\nOkapi | x | 2");
  const { sections } = htmlContent(page('<div role="heading" aria-level="2">Life</div><p>zebra</p>'));
  assert.deepEqual(
    sections.map(({ heading }) => heading),
    ["Zoo > Life"],
  );
});

test("what a heading or a term unfolds is there, folded or not; what a button of the menu opens is not", () => {
  const button = (id: string, words: string) => `<button aria-expanded="false" aria-controls="${id}">${words}</button>`;
  assert.match(linesOf(`<h3>${button("p", "Hours")}</h3><div id="p" hidden>Nine to five.</div>`), /Nine to five/);
  assert.match(linesOf(`<dl><dt>${button("q", "Why?")}</dt><dd id="q" hidden>It hides.</dd></dl>`), /It hides/);
  assert.match(linesOf('<div class="x-expansion-panel" style="visibility: hidden">Folded.</div>'), /Folded/);
  assert.doesNotMatch(linesOf(`<p>${button("m", "Menu")}</p><div id="m" hidden>Menu words</div>`), /Menu words/);
});

test("the consent dialogs of their makers go, whatever they are called; a page about cookies stays", () => {
  const names =
    "CybotCookiebotDialog usercentrics-root cmpbox qc-cmp2-container didomi-host cmplz-cookiebanner BorlabsCookieBox cookiebar cookieConsent sp_message_container_1 klaro tarteaucitronRoot iubenda-cs-banner axeptio_overlay onetrust-banner-sdk fc-consent-root consent-manager";
  for (const name of names.split(" ")) {
    const html = `<div id="${name}"><p>We and our partners store things.</p></div><h1>Zebra</h1><p>Short.</p>`;
    assert.equal(htmlContent(html).text, "Zebra\n\nShort.", name);
  }
  const recipe = "<p>Mix the dough and bake the cookies for ten minutes.</p>".repeat(5);
  assert.match(htmlContent(`<h1>Recipe</h1><div class="cookies">${recipe}</div>`).text, /Mix the dough/);
});

test("marks to link to a heading or to edit it are no words of it", () => {
  const headings = [
    'Install<a class="headerlink" href="#i">¶</a>',
    '<a class="anchor" href="#i">#</a>Install',
    'Install<span class="mw-editsection">[<a href="e">edit</a>]</span>',
  ];
  for (const heading of headings) {
    assert.equal(htmlContent(page(`<h2>${heading}</h2><p>x</p>`)).sections[0]?.heading, "Zoo > Install", heading);
  }
  assert.equal(linesOf('<p><a href="#f">#</a> and C#</p>'), "# and C#");
  const layout = "<table><tr><td><a href=1>Home</a></td><td><h1>Zebra</h1><p>Text</p></td></tr></table>";
  assert.equal(htmlContent(layout).sections.at(-1)?.heading, "Zebra");
});

test("an equation is read as one types it, once", () => {
  const math = (inside: string) => linesOf(`<p>So <math>${inside}</math> holds</p>`);
  assert.equal(math("<mi>x</mi>\n <mo>=</mo>\n <mfrac>\n <mn>1</mn>\n <mn>2</mn></mfrac>"), "So x=1/2 holds");
  assert.equal(math("<mfrac><mn>1</mn><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow></mfrac>"), "So 1/(a+b) holds");
  const annotation = '<annotation encoding="application/x-tex">E_i^2</annotation>';
  const power = "<msubsup><mi>E</mi><mi>i</mi><mn>2</mn></msubsup>";
  assert.equal(math(`<semantics><mrow>${power}</mrow>${annotation}</semantics>`), "So E_i^2 holds");
  assert.equal(math("<msqrt><mn>2</mn></msqrt>"), "So √(2) holds");
});

test("boxes that scripts make are marked; a main part in a dialog is the page; CDATA of XHTML is text", () => {
  const box = (checked: boolean, words: string) => `<div role="checkbox" aria-checked="${checked}">${words}</div>`;
  assert.equal(linesOf(box(true, "brush") + box(false, "feed")), "[x] brush\n\n[ ] feed");
  const dialog = '<div role="dialog"><main><p>The item</p></main></div><div aria-hidden="true"><p>behind</p></div>';
  assert.match(htmlContent(dialog).text, /The item/);
  const xhtml = '<html xmlns="http://www.w3.org/1999/xhtml"><body><p><![CDATA[a < b zebra]]></p></body></html>';
  assert.equal(htmlContent(xhtml).text, "a < b zebra");
});

test("a note in an aside stays where nothing marks the content either, a sidebar goes", () => {
  const prose = "<p>The zebra walks slowly through the high grass in the morning light and looks back.</p>".repeat(6);
  const { text } = htmlContent(
    `<div><h1>Doc</h1>${prose}<aside class="admonition tip"><p>Beware.</p></aside><aside class="widget"><p>Other</p></aside></div>`,
  );
  assert.match(text, /Beware\./);
  assert.doesNotMatch(text, /Other/);
});

const story = "Zena the zebra walked to the river at noon and drank for a while. ".repeat(12);

test("a page in the site's header, as where its end is forgotten, and one in a box that is named after its sidebar stay", () => {
  const teasers = Array.from(
    { length: 40 },
    (_, index) => `<article><a href="/${index}">Teaser of another story ${index}</a></article>`,
  );
  for (const page of [
    `<header id="branding"><a href="/">Home</a><div class="content"><article><h1>Zena</h1><p>${story}</p></article></div>`,
    `<header><main><h1>Zena</h1><p>${story}</p></main></header><p>Skip this</p>`,
    `<div class="row--sidebar--gutter"><article><h1>Zena</h1><p>${story}</p></article></div><div>${teasers.join("")}</div>`,
  ]) {
    assert.match(htmlContent(page).text, /walked to the river/);
  }
});
