import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import { assertSections, cutAt, parseOne, sectionTexts } from "../../../test/support/parser/parse.ts";
import { createMarkdownParser } from "./markdown.ts";
import { headingLabel } from "./markdown-headings.ts";
import { withoutMdx } from "./mdx.ts";

const parser = createMarkdownParser(32 * 1024 * 1024);
const parse = (text: string) => parseOne(parser, text, { uri: "file:///docs/guide.md" });

test("headings make paths, and the first of level 1 the title", async () => {
  const document = await parse(
    "Preface\n\n# Guide\n\nIntro\n\n## Install ##\n\nRun it\n\n### *From* `source`\n\nBuild\n\n## Use\r\nGo\r\n",
  );
  assert.equal(document.title, "Guide");
  assert.deepEqual(sectionTexts(document), [
    ": Preface",
    "Guide: Intro",
    "Guide > Install: Run it",
    "Guide > Install > From source: Build",
    "Guide > Use: Go",
  ]);
});

test("setext headings, also of several lines; rules below lists and quotations are none", async () => {
  const document = await parse(
    "Top\n===\nA\n\nTwo\nlines\n---\nB\n\n- item\n  more\n---\nC\n\n> said\n---\nD\n\n---\nE",
  );
  assert.deepEqual(sectionTexts(document), [
    "Top: A",
    "Top > Two lines: B\n\n- item\n  more\n---\nC\n\n> said\n---\nD\n\n---\nE",
  ]);
});

test("a paragraph below code is a heading with a rule below it, one in a list whose first line is empty is none", async () => {
  const document = await parse("# One\n    code\nTwo\n---\ntext\n\n-\n  item\n-\n  item\n");
  assert.deepEqual(sectionTexts(document), ["One: code", "One > Two: text\n\n-\n  item\n-\n  item"]);
});

test("number signs in fences, comments and words are no headings", async () => {
  const body = [
    "```sh",
    "# comment",
    "~~~",
    "```",
    "<!--",
    "# hidden",
    "-->",
    "#hashtag",
    "    # code",
    "~~~~",
    "```",
    "# x",
    "~~~",
    "~~~~",
  ].join("\n");
  const document = await parse(`# One\n${body}\n# Two\ntext\n\`\`\`\n# never closed`);
  assert.deepEqual(sectionTexts(document), [`One: ${body}`, "Two: text\n```\n# never closed"]);
});

test("a heading with nothing below it is kept as text; one with a smaller heading below is not", async () => {
  const document = await parse("# A\n## B\ntext\n## Later\n# End");
  assert.deepEqual(sectionTexts(document), ["A > B: text", "A > Later: ## Later", "End: # End"]);
});

test("front matter gives title and flat metadata, and is no text to find", async () => {
  const document = await parse(
    "---\ntitle: \"The title\"\ndraft: false\nversion: 1.10\ntags: [a, 'b c']\nnested:\n  x: 1\n---\n# Other\nText",
  );
  assert.equal(document.title, "The title");
  assert.deepEqual(document.metadata, { draft: "false", version: "1.10", tags: ["a", "b c"], "nested.x": "1" });
  assert.deepEqual(sectionTexts(document), ["Other: Text"]);
  const toml = await parse("+++\ntitle = 'T'\nweight = 3\n+++\nText");
  assert.deepEqual([toml.title, toml.metadata], ["T", { weight: "3" }]);
  assert.equal((await parse("---\nnot: closed\n\nText")).title, "guide");
});

test("front matter is YAML, or nearly; a rule with prose below it is none, and nothing below it loses no word", async () => {
  const quoted = await parse("---\ntitle: 'It''s'\nnote: \"a \\\"b\\\"\"\ntags:\n  - x\n  - y, z\n---\nText");
  assert.deepEqual([quoted.title, quoted.metadata], ["It's", { note: 'a "b"', tags: ["x", "y, z"] }]);
  assert.equal((await parse("---\ntitle: Part 1: the start\n---\nText")).title, "Part 1: the start");
  const rules = "---\n\nWarning: hot.\n\n---\n\nMore.";
  assert.deepEqual(sectionTexts(await parse(rules)), [`: ${rules}`]);
  assert.deepEqual(sectionTexts(await parse("---\nJust a note.\n---\nMore.")), ["Just a note.: More."]);
  const only = await parse("---\ntitle: only\n---\n");
  assert.deepEqual([only.title, sectionTexts(only)], ["only", ["title: only: title: only\n---"]]);
});

test("a number sign is no heading in code of lists and quotations, nor in raw HTML; a heading after them is", async () => {
  for (const code of [
    "- ```sh\n  # x\n  ```",
    "1. ```sh\n   # x\n   ```\n2. next",
    "> ```\n> # x\n> ```",
    "- ```\n  # never closed",
    "<pre>\n# x\n</pre>",
    "<script>\n# x\n</script>",
  ]) {
    assert.deepEqual(sectionTexts(await parse(`# A\n\n${code}\n\n## B\n\ntext`)), [`A: ${code}`, "A > B: text"], code);
  }
});

test("pictures in the text are left out, and a short data URI in code stays", async () => {
  const picture = `data:image/png;base64,${"iVBORw0KGgo".repeat(50)}=`;
  const document = await parse(`One\n\n![plot](${picture})\n\n[p]: <${picture}>\n\ndata:text/plain;base64,SGk=`);
  assert.equal(document.text, "One\n\n![plot]()\n\n[p]: <>\n\ndata:text/plain;base64,SGk=");
});

for (const [path, expected] of Object.entries({
  "md-cr-only": ["One: zebra", "Two: okapi"],
  "md-emoji-bom": [": text"],
  "md-fence-in-quote": ["Setup: > ```\n> code\n> ```", "Setup > Uninstall: Zebra script."],
  "md-frontmatter-quotes": [": Zebras live in herds."],
  "md-html-pre": ["A: <pre>\n# not a heading\nx = 1\n</pre>\n\ntext"],
  "md-title-only-frontmatter-rule": ["Just a zebra note.: Just a zebra note.\n---"],
  "md-setext-multi": [
    "Zebra care and feeding in winter: Feed twice a day.",
    "Zebra care and feeding in winter > Water: Fresh water only.",
  ],
})) {
  test(`case ${path}`, async () => {
    const content = await readFile(new URL(`../../../test/cases/${path}/a.md`, import.meta.url));
    assert.deepEqual(sectionTexts(await parseOne(parser, content)), expected);
  });
}

test("cases of fences in lists, of a rule at the top and of a picture in the text", async () => {
  const read = async (path: string) =>
    parseOne(parser, await readFile(new URL(`../../../test/cases/${path}/a.md`, import.meta.url)));
  for (const path of ["md-fence-in-list-item", "md-fence-in-numbered"]) {
    const headings = (await read(path)).sections.map(({ heading }) => heading);
    assert.deepEqual(headings.slice(0, 2), ["Setup", "Setup > Uninstall"], path);
  }
  assert.match(sectionTexts(await read("md-leading-rule")).join("\n"), /^: ---\n\nThe zebra password.*giraffes/s);
  assert.doesNotMatch((await read("md-base64-image")).text, /base64/);
});

test("MDX is read as its readers see it: no imports, no components, no comments; code stays", async () => {
  const uri = "file:///docs/a.mdx";
  const read = async (content: string) => parseOne(parser, content, { uri });
  const content = await readFile(new URL("../../../test/cases/md-mdx/a.mdx", import.meta.url), "utf8");
  assert.deepEqual(sectionTexts(await read(content)), ["Zebra care: Feed twice a day."]);
  for (const [written, shown] of [
    ["import a from 'a'\nimport {\n  b,\n\n  c,\n} from \"b\"\n\nText", "Text"],
    ["export const steps = [\n  { a: '}' },\n]\n\nText", "Text"],
    ['One <Badge text="x" on={a > b ? "{" : {}}>new</Badge> two', "One new two"],
    ["<Tab label=\"npm\" title='Node'>\n\nRun it.\n\n</Tab>", "npm — Node\n\nRun it."],
    ["A {/* zebra\n\nokapi */} B", "A  B"],
    ["`<Tabs>` stays, `{/* this */}` too", "`<Tabs>` stays, `{/* this */}` too"],
    ["- ```jsx\n  import a\n  <Tabs>{/* x */}</Tabs>\n  ```", "- ```jsx\n  import a\n  <Tabs>{/* x */}</Tabs>\n  ```"],
    ["````md\n```\n<A/>\n```\n````\n\n<A/>\n\nend", "````md\n```\n<A/>\n```\n````\n\nend"],
    ["import duties are paid here.", "import duties are paid here."],
    ["1 < 2 and <Never closed", "1 < 2 and <Never closed"],
    ["<>fragment</> <b>bold</b> {props.name}", "fragment <b>bold</b> {props.name}"],
  ] as const) {
    assert.equal((await read(`# T\n\n${written}\n`)).text.replace("# T", "").trim(), shown, written);
  }
  assert.equal((await read("---\ntitle: Z\n---\nimport a from 'a'\n\nText")).title, "Z");
  const hostile = ["<A {".repeat(30_000), "{/*".repeat(30_000), "`".repeat(90_001), "import {\n".repeat(20_000)];
  for (const text of hostile) assert.ok(await read(`x\n\n${text}`));
  assert.match((await parse("<Tabs>a</Tabs>")).text, /<Tabs>/);
});

test("labels are what a reader sees", () => {
  assert.equal(headingLabel("[Link](https://x.y) and **bold** `code` ![pic](a.png) #"), "Link and bold code pic");
  assert.equal(headingLabel("C# and snake_case_name \\* star"), "C# and snake_case_name * star");
});

test("long lines do not stall the scanner, and a heading of 1,000 characters is text", async () => {
  const spaces = `# a${" ".repeat(2_000_000)}b ${"# ".repeat(500_000)}x`;
  assert.equal((await parse(`${spaces}\n# Real\ntext`)).title, "Real");
  assert.deepEqual(sectionTexts(await parse(`# ${"long ".repeat(200)}\ntext`))[0]?.slice(0, 8), ": # long");
});

test("any Markdown, in any pieces, gives the same ordered sections", async () => {
  const line = fc.constantFrom(
    "# a",
    "## b",
    "###### f",
    "===",
    "---",
    "```",
    "~~~",
    "<!--",
    "-->",
    "",
    "text",
    "é 😀",
    "- x",
    "> q",
    "+++",
    "k: v",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 25 }), fc.array(fc.nat(), { maxLength: 5 }), async (lines, cuts) => {
      const bytes = Buffer.from(`${lines.join("\n")}\n\nlast words`);
      const whole = await parseOne(parser, bytes);
      assertSections(whole);
      assert.deepEqual(await parseOne(parser, cutAt(bytes, cuts)), whole);
    }),
  );
});

test("MDX: what components side by side show is words of their own, a component inside a word leaves it whole", () => {
  assert.equal(
    withoutMdx('<Tabs><Tab label="One">Inside *tab*</Tab><Tab label="Two">Other</Tab></Tabs>'),
    "One Inside *tab* Two Other",
  );
  assert.equal(withoutMdx("ze<Mark>b</Mark>ra"), "zebra");
  assert.equal(withoutMdx("<Card>a</Card><Card>b</Card>."), "a b.");
  assert.equal(withoutMdx('(<Icon label="See"/>), now'), "(See), now");
});

test("front matter: lists of objects, a title of any case, TOML with its tables, quotes and remarks", async () => {
  const read = async (front: string) => {
    const { title, metadata } = await parse(`${front}\n\nzebra`);
    return { title, ...metadata };
  };
  assert.deepEqual(await read("---\nTitle: Zoo\nauthors:\n  - name: Zena\n    town: Graz\n  - name: Olga\n---"), {
    title: "Zoo",
    "authors.name": ["Zena", "Olga"],
    "authors.town": ["Graz"],
  });
  const toml = [
    'title = "Say \\"hi\\"" # shown',
    'tags = ["red", "b, lue", \'c\'] # three',
    "version = 1.10 # the second",
    "[params]",
    'author = "Zena # 1"',
  ];
  assert.deepEqual(await read(`+++\n${toml.join("\n")}\n+++`), {
    title: 'Say "hi"',
    tags: ["red", "b, lue", "c"],
    version: "1.10",
    "params.author": "Zena # 1",
  });
});

test("headings that are elements, and labels without attributes, entities and emphasis", async () => {
  const document = await parse(
    '<h1 align="center">\n  <img src="x.png" alt="">\n  Zebra &amp; co\n</h1>\n\nIntro\n\n## Use {#use}\n\nText\n\n## The _great_ *one* my_var_x {: .wide }\n\nMore\n\nA <h2> in words\n',
  );
  assert.equal(document.title, "Zebra & co");
  assert.deepEqual(sectionTexts(document), [
    "Zebra & co: Intro",
    "Zebra & co > Use: Text",
    "Zebra & co > The great one my_var_x: More\n\nA <h2> in words",
  ]);
  const labels = {
    "See [Zebra](https://x.example/Zebra_(animal)) now": "See Zebra now",
    "~~Old~~ New <sup>beta</sup> <a name='x'></a>": "Old New beta",
    "***Zebra*** and __*okapi*__": "Zebra and okapi",
    "Use `a*b*c` and `__init__`": "Use a*b*c and __init__",
    "2*3*4 and \\*x\\*, Map<Key>": "2*3*4 and *x*, Map<Key>",
  };
  for (const [written, shown] of Object.entries(labels)) assert.equal(headingLabel(written), shown);
  const fenced = await parse("```\n<h1>no</h1>\n```\n\n# Yes\n\ntext");
  assert.equal(fenced.title, "Yes");
});

test("pictures in the text go, in lines of base64 and as SVG in percent signs too", async () => {
  const lines = `${"iVBORw0KGgo".repeat(6)}\n`.repeat(20);
  const svg = `data:image/svg+xml;utf8,%3Csvg%20${"d%3D%22M0".repeat(40)}`;
  const { text } = await parse(`<img src="data:image/png;base64,${lines}AAAA=="> one ![x](${svg}) two`);
  assert.equal(text, '<img src=""> one ![x]() two');
});
