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

async function read(name: string, content: string | Uint8Array): Promise<ParsedDocument> {
  const [document] = documentsOf(await parseWith(registry, name, Buffer.from(content)));
  assert.ok(document);
  assertSections(document);
  return document;
}

const caseFile = (path: string): Promise<Buffer> => readFile(new URL(`../../../test/cases/${path}`, import.meta.url));

test("what is said is text, and the time is its place", async () => {
  const document = await read("a.srt", await caseFile("srt/a.srt"));
  assert.equal(document.text, "Zebras eat grass.");
  assert.deepEqual(sectionTexts(document), ["00:00:01 – 00:00:05: Zebras eat grass."]);
});

test("WebVTT: its title, speakers, no styles, notes and names of cues", async () => {
  const vtt = [
    "WEBVTT - Zebra talk",
    "",
    "STYLE\n::cue(b) { color: red }",
    "",
    "NOTE a remark of whoever made this",
    "",
    "intro-1",
    "00:01.000 --> 00:03.500 align:start position:0%",
    "<v Ann Lee>Stripes <i>differ</i> &amp; <c.loud>confuse</c> <00:02.000>flies.</v>",
    "",
    "NOTE\nover\nlines",
    "",
    "01:00:02.000 --> 01:00:04.000",
    "- Really?",
    "- Yes.",
  ].join("\n");
  const document = await read("talk.vtt", vtt);
  assert.equal(document.title, "Zebra talk");
  assert.deepEqual(sectionTexts(document), [
    "00:00:01 – 00:00:03: Ann Lee: Stripes differ & confuse flies.",
    "01:00:02 – 01:00:04: - Really?\n- Yes.",
  ]);
});

test("SRT as it is found: CRLF, a mark, tags, no blank line, a blank line within, a dot for the comma, numbers said", async () => {
  const srt = [
    "\ufeff1\r",
    "00:00:01.000 --> 00:00:02,000 X1:10 X2:20\r",
    "{\\an8}<font color='#fff'>I have</font>\r",
    "\r",
    "five.\r",
    "2\r",
    "00:00:02,000 --> 00:00:03,000\r",
    "1984\r",
    "\r",
    "\r",
    "3\r",
    "00:00:03,500 -> 00:00:04,000\r",
    "was a <year>.",
  ].join("\n");
  const document = await read("a.srt", srt);
  assert.equal(document.text, "I have five.\n1984 was a <year>.");
});

test("live captions, which show a line twice, say it once", async () => {
  const vtt = [
    "WEBVTT\n",
    "00:01.000 --> 00:02.000\nthe zebra",
    "",
    "00:02.000 --> 00:02.010\nthe zebra",
    "",
    "00:02.010 --> 00:04.000\nthe zebra\neats clover",
    "",
    "00:04.000 --> 00:05.000\neats clover\nat dawn",
  ].join("\n");
  assert.equal((await read("a.vtt", vtt)).text, "the zebra eats clover at dawn");
});

test("a section is about a minute and ends with a sentence", async () => {
  const cue = (index: number): string => {
    const time = (at: number) =>
      `00:${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")},000`;
    return `${index + 1}\n${time(index * 10)} --> ${time(index * 10 + 10)}\nWord ${index}${index % 4 === 3 ? "." : ""}\n`;
  };
  const document = await read("a.srt", Array.from({ length: 20 }, (_, index) => cue(index)).join("\n"));
  assert.deepEqual(
    document.sections.map((section) => section.heading),
    ["00:00:00 – 00:01:20", "00:01:20 – 00:02:40", "00:02:40 – 00:03:20"],
  );
});

test("no cue, no document", async () => {
  await assert.rejects(
    parseWith(registry, "a.srt", Buffer.from("1\n00:00:01,000 --> 00:00:02,000\n\n")),
    failsWith("content_empty"),
  );
  await assert.rejects(
    parseWith(registry, "a.vtt", Buffer.from("WEBVTT\n\nNOTE nothing\n")),
    failsWith("content_empty"),
  );
});

test("random speech comes back word for word", async () => {
  const line = fc
    .stringMatching(/^[A-Za-zäßЖ日][A-Za-z0-9äßЖ日 ,;:']{0,40}[a-z.]$/)
    .map((text) => text.replace(/\s+/g, " "));
  const speech = fc.array(fc.array(line, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(speech, async (cues) => {
      const srt = cues.map(
        (lines, index) => `${index + 1}\n00:${10 + index}:00,000 --> 00:${10 + index}:02,000\n${lines.join("\n")}\n`,
      );
      const { text } = await read("a.srt", srt.join("\n"));
      assert.deepEqual(text.split(/\s+/), cues.flat().join(" ").split(/\s+/));
    }),
    { numRuns: 60 },
  );
});

test("readings above the line stand in parentheses", async () => {
  const [document] = documentsOf(
    await parseWith(
      registry,
      "a.vtt",
      Buffer.from("WEBVTT\n\n00:00.000 --> 00:01.000\n<ruby>東<rt>とう</rt></ruby>京\n"),
    ),
  );
  assert.equal(document?.text, "東(とう)京");
});
