import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { assertSections, cutAt, failsWith, parseOne, sectionTexts } from "../../../test/support/parser/parse.ts";
import { createMarkdownParser } from "./markdown.ts";
import { headingLabel } from "./markdown-headings.ts";

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
    "Guide > Install > *From* source: Build",
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
  assert.deepEqual(document.metadata, { draft: "false", version: "1.10", tags: "a, b c" });
  assert.deepEqual(sectionTexts(document), ["Other: Text"]);
  const toml = await parse("+++\ntitle = 'T'\nweight = 3\n+++\nText");
  assert.deepEqual([toml.title, toml.metadata], ["T", { weight: "3" }]);
  assert.equal((await parse("---\nnot: closed\n\nText")).title, "guide");
  await assert.rejects(parse("---\ntitle: only\n---\n"), failsWith("content_empty"));
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
