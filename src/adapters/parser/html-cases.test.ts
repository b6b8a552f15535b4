import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openCaseRegistry, parseCase } from "../../../test/support/parser/case.ts";
import { documentsOf, failsWith } from "../../../test/support/parser/parse.ts";
import { htmlContent } from "./html-content.ts";

const registry = openCaseRegistry();
after(() => registry.close());

const texts: Record<string, string | RegExp> = {
  "html-accordion-button":
    /^Help\n\nHow do I return a zebra\?\n\nSend it back .*Where is the okapi\?\n\nIn the forest\.$/s,
  "html-alt": /Chart: zebra population fell by half in 2023.*okapi.*Figure 1/s,
  "html-aria-hidden-wrapper": "Whole zebra page behind a dialog.",
  "html-aside-admonition": /Zebra backups are deleted/,
  "html-cards": /Opening hours.*The okapi has a calf/s,
  "html-checkbox": "[x] Brush zebra\n[ ] Feed okapi",
  "html-comments-as-articles": /^Zebra care\n\nBrush the zebra daily/,
  "html-details": "How old is the zebra?\n\nSeven years.",
  "html-dialog-open": /Zebra notice/,
  "html-entities": /^Zebra crossing & café 👩‍💻 cooperation AB <tag> … –/,
  "html-form-half": /Section one explains how the okapi is measured\./,
  "html-form-wrapped-part": /Zebras may be returned within ten days\. Refunds take a week\.$/,
  "html-hidden-until-found": "FAQ\n\nThe zebra answer is 42.",
  "html-inline-blocks": "Zebra Okapi\n\nOne Two",
  "html-nested-table": /Outer A\nin1 \| in2\nin3 \| in4\n.*Outer B\nC \| D/s,
  "html-pre": "def zebra():\n    return   1\n\n# x\n\nafter",
  "html-ruby": "東京(とうきょう)に行きました。\n\n漢字(かんじ)を書く",
  "html-select-input": /zebra\nokapi\ngiraffe\s+lion\s+emu/,
  "html-small-main": "Zebra handbook\n\nZebras must be fed at dawn with clover.\n\nOkapis are fed at dusk.",
  "html-sup": "The herd grew. 12 Water is H2O and 10^6.",
  "html-table-empty-cell":
    "Name | Habitat | Diet\nZebra |  | grass\nOkapi | forest\nLion | savanna | meat\nLion | zoo | beef",
  "html-template-shadow": "Zebra in shadow",
  "html-two-h1-banner": "Zebra report\n\ntext",
  "html-unclosed": "one\n\ntwo\n\na\nb\n\nx | y\nz\n\ntail",
  "html-xhtml-self-closing-title": "Zebras eat grass.",
  "html-xhtml-textarea": "one\n\nZebras eat grass.",
  "html-xmp": /^<b>zebra<\/b>/,
  "doc-as-html": /^Zebra report exported as \.doc$/,
  "txt-ansi": "ERROR zebra connection refused\nINFO okapi ready\n",
  "txt-hyphenated": /cooperative zebra is an example of adaptation to the savanna\./,
  "txt-mixed-newlines": "a zebra\nb okapi\nc\n",
  "txt-nul-log": /^zebra line\n+okapi line\n$/,
  "txt-softhyphen": "The cooperative zebra.\n",
  "txt-zwsp": /^zebracrossing/,
};

test("what each case says", async () => {
  for (const [name, expected] of Object.entries(texts)) {
    const [document] = documentsOf(await parseCase(registry, name));
    if (typeof expected === "string") assert.equal(document?.text, expected, name);
    else assert.match(document?.text ?? "", expected, name);
  }
});

test("a page without text says why", async () => {
  await assert.rejects(parseCase(registry, "html-spa"), failsWith("content_empty", /a script builds the page/));
  await assert.rejects(parseCase(registry, "html-noscript"), failsWith("content_empty", /<noscript>/));
  const because = (html: string) => htmlContent(html).emptyBecause ?? "";
  assert.match(
    because('<html><head><script src="a.js"/></head><body><p>Zebra</p></body></html>'),
    /<script> that is never/,
  );
  assert.match(because('<html><body><iframe src="a.html"></iframe></body></html>'), /frames/);
  assert.match(because("<html><body><p> </p></body></html>"), /white space or markup/);
  assert.equal(htmlContent("<p>zebra").emptyBecause, undefined);
});

test("empty, wide and tall cells keep every value under its heading", () => {
  const rows = (table: string) => htmlContent(`<table>${table}</table>`).text.split("\n");
  assert.deepEqual(rows("<tr><td></td><th>A</th><th>B</th></tr><tr><th>x</th><td></td><td>2</td></tr>"), [
    "| A | B",
    "x |  | 2",
  ]);
  assert.deepEqual(rows('<tr><td colspan="2">wide</td><td>c</td></tr><tr><td>a</td><td>b</td><td>c</td></tr>'), [
    "wide |  | c",
    "a | b | c",
  ]);
  assert.deepEqual(
    rows(
      '<tr><td>a</td><td rowspan="3">t</td><td>1</td></tr><tr><td>b</td><td>2</td></tr><tr><td>c</td><td>3</td></tr>',
    ),
    ["a | t | 1", "b | t | 2", "c | t | 3"],
  );
});

test("consent, menus by their names and lists of links go, and stay where they are the page", () => {
  const body = "<p>Zebras are fed at dawn with clover and hay by their keepers.</p>";
  const around = `<div class="cookie-consent"><p>We use cookies.</p></div>${body}<div class="sidebar"><p>More</p></div>`;
  const links = Array.from({ length: 6 }, (_, at) => `<li><a href="/${at}">Other ${at}</a></li>`).join("");
  const said = "Zebras are fed at dawn with clover and hay by their keepers.";
  assert.equal(htmlContent(around).text, said);
  assert.equal(htmlContent(`${body}<ul>${links}</ul>`).text, said);
  assert.match(htmlContent(`<h1>Index</h1><ul>${links}</ul>`).text, /Other 5/);
  assert.equal(
    htmlContent(`<div class="nav-layout"><main>${body}</main><p>${"More. ".repeat(40)}</p></div>`).text,
    said,
  );
  assert.match(htmlContent(`<article>${body}<div class="social"><p>A quoted post.</p></div></article>`).text, /quoted/);
  assert.match(htmlContent('<div class="sidebar"><p>Only this</p></div>').text, /Only this/);
});

const sentence = (about: string) =>
  `${about} are fed at dawn with clover and hay by their keepers, who know each of them by name.`;
const paragraphs = Array.from({ length: 8 }, (_, at) => `<p>${sentence(`Zebras ${at}`)}</p>`).join("");
const teasers = Array.from(
  { length: 9 },
  (_, at) => `<div><a href="/${at}">Other news ${at}</a><span>Two days ago</span></div>`,
).join("");
const page = (article: string) =>
  htmlContent(`<body><div><h1>Zebra report</h1><div>By Ada, 1 May</div><div>${article}</div>
    <div><h3>More news</h3>${teasers}</div>
    <div><p>${sentence("I think they")} And so do I, and my neighbours, too.</p><p>Reply</p></div></div>`).text;

test("what stands around an article goes; its title, author, lead, long comments and all that is in it stay", () => {
  const text = page(`${paragraphs}<ul><li>Clover</li><li>Hay</li></ul><table><tr><td>Zena<td>7</table>`);
  assert.doesNotMatch(text, /Other news|days ago|More news|Reply/);
  assert.match(text, /^Zebra report\n\nBy Ada, 1 May\n\nZebras 0 .*Clover\nHay\n\nZena \| 7\n\nI think they .*too\.$/s);
});

test("a page that is no article keeps its short parts", () => {
  assert.match(page("<p>Zebras.</p>"), /Other news 8/);
  const rows = Array.from(
    { length: 60 },
    (_, at) => `<tr><td>Film ${at}</td><td>${sentence(`Heroes ${at}`)}</td></tr>`,
  );
  const list = htmlContent(
    `<div><h1>Films</h1><p>A list.</p><table>${rows.join("")}</table><h2>See also</h2><p>More</p></div>`,
  );
  assert.match(list.text, /^Films\n\nA list\.\n\nFilm 0 .*See also\n\nMore$/s);
  const slides = Array.from(
    { length: 6 },
    (_, at) => `<section><h2>Part ${at}</h2><p>${sentence(`Part ${at}`)}</p><ul><li>Short ${at}</li></ul></section>`,
  );
  assert.match(htmlContent(slides.join("")).text, /Short 0.*Short 5/s);
});

test("nesting and end tags without a beginning cost no more than their number", () => {
  assert.equal(htmlContent(`${"<div>".repeat(400_000)}deep`).text, "deep");
  assert.equal(htmlContent(`${"<b>".repeat(400_000)}x${"</i>".repeat(400_000)}`).text, "x");
});

test("a note in what the page marks as its main part by its role alone stays, as in a main", () => {
  const note = "<p>Zebras graze on the plains for most of the day.</p><aside><p>Okapis do not.</p></aside>";
  const sidebar = "<aside><ul><li><a href=x>Related</a></li></ul></aside>";
  for (const part of [`<main>${note}</main>`, `<div role="main">${note}</div>`]) {
    assert.equal(
      htmlContent(`<body>${sidebar}${part}${sidebar}</body>`, false).text,
      "Zebras graze on the plains for most of the day.\n\nOkapis do not.",
    );
  }
});
