import assert from "node:assert/strict";
import { after, test } from "node:test";
import { makeOdf } from "../../../../test/support/parser/make-sheets.ts";
import { documentsOf, parseWith } from "../../../../test/support/parser/parse.ts";
import { createParserRegistry } from "../registry.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 22, maxRecordBytes: 2 ** 20 });
after(() => registry.close());

const level = (number: number, format: string, more: string): string =>
  `<text:list-level-style-number text:level="${number}" style:num-format="${format}" ${more}/>`;
const styles = `<text:list-style style:name="L">${level(1, "1", 'style:num-suffix="."')}${level(2, "a", 'style:num-prefix="(" style:num-suffix=")"')}${level(3, "1", 'text:display-levels="3" text:start-value="4"')}</text:list-style><text:list-style style:name="B"><text:list-level-style-bullet text:level="1" text:bullet-char="•"/></text:list-style>`;
const list = (items: string, more = 'text:style-name="L"'): string => `<text:list ${more}>${items}</text:list>`;
const item = (words: string, inside = "", more = ""): string =>
  `<text:list-item${more && ` ${more}`}><text:p>${words}</text:p>${inside}</text:list-item>`;

async function text(body: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const odt = await makeOdf("text", body, styles, more);
  return documentsOf(await parseWith(registry, "a.odt", odt))[0]?.text ?? "";
}

test("items have the numbers that Writer shows, deeper lists their own", async () => {
  const deepest = list(item("third"), "");
  const deep = list(item("second", deepest) + item("another", list(item("fourth"), "")), "");
  assert.equal(
    await text(list(item("one") + item("two", deep) + item("three", list(item("anew"), "")))),
    "1. one\n2. two\n(a) second\n2.a.4 third\n(b) another\n2.b.4 fourth\n3. three\n(a) anew",
  );
});

test("lists begin anew or go on, items may say their number, bullets and headers have none", async () => {
  const first = list(item("one") + item("two"), 'text:style-name="L" xml:id="first"');
  const body = [
    first,
    list(item("anew")),
    list(item("goes on"), 'text:style-name="L" text:continue-numbering="true"'),
    list(item("of the first"), 'text:style-name="L" text:continue-list="first"'),
    list(`<text:list-header><text:p>header</text:p></text:list-header>${item("ninth", "", 'text:start-value="9"')}`),
    list(item("bullet"), 'text:style-name="B"'),
    list(`<text:list-item>${list(item("deep alone"), "")}</text:list-item>`),
  ];
  assert.equal(
    (await text(body.join(""))).replaceAll("\n\n", "\n"),
    "1. one\n2. two\n1. anew\n2. goes on\n3. of the first\nheader\n9. ninth\nbullet\n(a) deep alone",
  );
});

test("headings are counted by the outline of the document", async () => {
  const names = ["office", "text", "style"].map(
    (name) => `xmlns:${name}="urn:oasis:names:tc:opendocument:xmlns:${name}:1.0"`,
  );
  const outline = `<office:document-styles ${names.join(" ")}><text:outline-style><text:outline-level-style text:level="1" style:num-format="I"/><text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/></text:outline-style></office:document-styles>`;
  const heading = (number: number, words: string, more = ""): string =>
    `<text:h text:outline-level="${number}" ${more}>${words}</text:h>`;
  const body = [
    heading(1, "Herds"),
    heading(2, "Food"),
    heading(2, "Water"),
    heading(1, "Not counted", 'text:is-list-header="true"'),
    heading(1, "Towns"),
    heading(2, "Graz"),
  ].join("");
  assert.equal(
    await text(body, { "styles.xml": outline }),
    ["I Herds", "I.1 Food", "I.2 Water", "Not counted", "II Towns", "II.1 Graz"].join("\n\n"),
  );
});
