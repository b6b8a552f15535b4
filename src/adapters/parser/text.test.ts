import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import {
  assertSections,
  cutAt,
  failsWith,
  parseAll,
  parseOne,
  sectionTexts,
} from "../../../test/support/parser/parse.ts";
import { createTextParser } from "./text.ts";

const parser = createTextParser(64 * 1024 * 1024);

test("a text file is one document titled by its name", async () => {
  const document = await parseOne(parser, "\ufeff\r\n  Hello\r\nworld\0 \r\n", { uri: "file:///a/My%20notes.v2.txt" });
  assert.equal(document.title, "My notes.v2");
  assert.equal(document.text, "\n  Hello\nworld \n");
  assert.deepEqual(sectionTexts(document), [": Hello\nworld"]);
});

test("names with line breaks, emoji and bare percent signs make a title on one line", async () => {
  const titleOf = async (uri: string) => (await parseOne(parser, "x", { uri })).title;
  assert.equal(await titleOf("file:///a/two%0Alines.txt"), "two lines");
  assert.equal(await titleOf("file:///a/%F0%9F%98%80%20party.txt"), "😀 party");
  assert.equal(await titleOf("gs://bucket/folder/100%.txt"), "100%");
  assert.equal(await titleOf("file:///a/.env"), ".env");
});

test("empty and blank files are content_blank, and one of invisible characters is content_empty", async () => {
  await assert.rejects(parseOne(parser, "", { uri: "file:///e.txt" }), failsWith("content_blank", /"e\.txt" is empty/));
  await assert.rejects(parseOne(parser, " \r\n\t\n"), failsWith("content_blank", /white space alone/));
  await assert.rejects(parseOne(parser, " \r\n\t\u200b\0\n"), failsWith("content_empty"));
});

test("a bad byte costs its character, and is told without the document's words", async () => {
  const bytes = Buffer.concat([Buffer.from("sécret "), Buffer.of(0xe9), Buffer.from(" wörd")]);
  const [document, fault] = await parseAll(parser, bytes);
  assert.equal(document?.kind === "document" && document.text, "sécret \ufffd wörd");
  assert.ok(fault?.kind === "fault" && fault.code === "content_lost");
  assert.match(fault.reason, /UTF-8/);
  assert.doesNotMatch(fault.reason, /s.cret|w.rd/);
});

test("a file of 100 MB stops being read at the limit", async () => {
  let read = 0;
  let released = false;
  async function* hundredMegabytes() {
    try {
      for (; read < 100 * 1024 * 1024; read += 65_536) yield Buffer.alloc(65_536, "a");
    } finally {
      released = true;
    }
  }
  const small = createTextParser(1024 * 1024);
  const message = /1\.0 MiB \(1048576 bytes\).*ISTHMUS_MAX_FILE_BYTES/;
  await assert.rejects(parseOne(small, hundredMegabytes()), failsWith("source_too_large", message));
  assert.equal(read, 1024 * 1024);
  assert.ok(released);
});

test("a line of 10 MB is a document like any other", async () => {
  const document = await parseOne(parser, Buffer.alloc(10_000_000, "word "));
  assert.deepEqual(document.sections, [{ heading: "", start: 0, end: 9_999_999 }]);
});

test("a signal that fired stops the parser", async () => {
  const signal = AbortSignal.abort();
  await assert.rejects(parseOne(parser, "text", { signal }), failsWith("cancelled"));
});

test("any text, in any pieces, gives the same document with a sound section", async () => {
  const anySign = fc.string({ unit: "binary", maxLength: 200 });
  const oddSigns = fc.string({
    unit: fc.constantFrom(..."\b\x1b\x07\0\r\n[]_-a é\u0301\u00ad\u200d\ufeff\u{e0061}$B"),
    maxLength: 20,
  });
  const outcome = async (bytes: Uint8Array, cuts: number[]) => {
    try {
      return await parseAll(parser, cutAt(bytes, cuts));
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };
  await fc.assert(
    fc.asyncProperty(fc.oneof(anySign, oddSigns), fc.array(fc.nat(), { maxLength: 8 }), async (text, cuts) => {
      const bytes = Buffer.from(`x${text}`);
      const whole = await outcome(bytes, []);
      assert.deepEqual(await outcome(bytes, cuts), whole);
      // What is printed over may be gone, and what alternates with NULs, or shifts as Japanese mail does, is another encoding.
      if (!["\b", "\0", "\x1b"].some((sign) => text.includes(sign))) assertSections(await parseOne(parser, bytes));
    }),
    { numRuns: 500 },
  );
});

test("a carriage that goes back and prints nothing takes nothing away", async () => {
  const shown: Record<string, string> = {
    "x\b": "x",
    "okapi\b\b\nzebra\b\u200b\r\n\b\bgnu\b\x07": "okapi\nzebra\ngnu",
    "e\u0301\be\u0301tude": "e\u0301tude",
    "hello\b\b\b\b\bHELLO": "HELLO",
    "typo\b \b\b \bed": "tyed",
  };
  for (const [source, text] of Object.entries(shown)) assert.equal((await parseOne(parser, source)).text, text);
  await assert.rejects(parseOne(parser, "x\b "), failsWith("content_empty"));
  const long = "\b".repeat(3_000_000);
  assert.equal((await parseOne(parser, `a${long}b`)).text, "b");
});

test("five bytes with a NUL among them are no UTF-16 that was cut off", async () => {
  assert.equal((await parseOne(parser, "x_\0_a")).text, "x__a");
  assert.equal((await parseOne(parser, "x\0𐀀\x01")).text, "x𐀀\x01");
  assert.equal((await parseAll(parser, Buffer.from("h\0e\0l\0l\0o")))[0]?.kind, "document");
});

test("what a terminal shows: no colours, titles or overstrikes, and a hole of NULs ends a line", async () => {
  const shown: Record<string, string> = {
    "\x1b[31mERROR\x1b[0m zebra \x1b[1mconnect\x1b[22m refused": "ERROR zebra connect refused",
    "\x1b[38;2;10;20;30mokapi\x1b[K \x1b]0;title\x07ready \x1b]8;;http://x.example\x1b\\link\x1b]8;;\x1b\\ \x1b(Bend":
      "okapi ready link end",
    "N\bNA\bAM\bME\bE _\bf_\bi_\bl_\be b\b_ X\bX\bX\bX": "NAME file b X",
    "one\0\0\0\0two": "one\ntwo",
  };
  for (const [source, text] of Object.entries(shown)) {
    assert.equal((await parseOne(parser, source, { uri: "file:///ci.log" })).text, text);
  }
});

test("words that a hyphen divides at a line's end come whole in prose, and nothing changes in code", async () => {
  const source = "The coop-\nerative zebra is an exam-\nple of adapta-\ntion, well-\nknown.\nA rule -\n- and more\n";
  const { text } = await parseOne(parser, source, { uri: "file:///a.txt" });
  assert.equal(text, "The cooperative zebra is an example of adaptation, well-known.\nA rule -\n- and more\n");
  assert.equal((await parseOne(parser, source, { uri: "file:///a.py" })).text, source);
  const long = `${"x".repeat(300_000)}-\nend`;
  assert.equal((await parseOne(parser, long, { uri: "file:///a.txt" })).text, long);
});

test("a word is whole across the indent of the next line, blanks before the line's end, and a soft hyphen there", async () => {
  const joined = async (text: string) => (await parseOne(parser, text, { uri: "file:///a/book.txt" })).text;
  assert.equal(await joined("   The inter-\r\n   national zebra.\n"), "   The international zebra.\n");
  assert.equal(await joined("The inter- \nnational zebra.\n"), "The international zebra.\n");
  assert.equal(await joined("The inter\u00ad\n  national zebra.\n"), "The international zebra.\n");
  assert.equal(await joined("items -\n  - one\n"), "items -\n  - one\n");
});

test("colours that begin with one byte go as those that begin with two", async () => {
  assert.equal((await parseOne(parser, "\u009b31mERROR\u009b0m here")).text, "ERROR here");
});
