import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { countTokens } from "../../../test/support/tokenizer.ts";
import type { ParsedDocument } from "../types.ts";
import { type ChunkSpan, chunkDocument } from "./chunk.ts";

const options = { maxTokens: 256, overlapTokens: 32, countTokens: (text: string) => countTokens(text) };

function documentOf(text: string, cuts: readonly number[] = [], title = "Title"): ParsedDocument {
  const edges = [...new Set([0, ...cuts.map((cut) => Math.min(cut, text.length)), text.length])].sort((a, b) => a - b);
  const sections = edges.slice(1).map((end, index) => ({ heading: `Part ${index}`, start: edges[index] ?? 0, end }));
  return { kind: "document", title, text, sections, metadata: {} };
}

function chunks(document: ParsedDocument, maxTokens = 256): ChunkSpan[] {
  return [...chunkDocument(document, { ...options, maxTokens, overlapTokens: maxTokens >> 3 })];
}

const word = fc.oneof(
  fc.stringMatching(/^[a-z]{1,12}$/),
  fc.constantFrom(
    "Dr.",
    "e.g.",
    "3.14",
    "naïve",
    "日本語のテキスト。",
    "👩‍👩‍👧",
    "[SEP]",
    "x".repeat(150),
    "\ud800",
    "ﷺ",
  ),
);
const separator = fc.constantFrom(" ", " ", " ", ". ", "? ", "\n", "\n\n", "\t", "", "\u00a0", "。");
const prose = fc
  .array(fc.tuple(word, separator), { maxLength: 600, size: "max" })
  .map((parts) => parts.map(([text, end]) => text + end).join(""));
const anything = fc.oneof(
  prose,
  fc.string({ unit: "binary", maxLength: 3000, size: "max" }),
  fc.string({ unit: "grapheme", maxLength: 2000, size: "max" }),
);

test("a chunk is exactly its slice of the text, inside one section, without white space at its ends", () => {
  fc.assert(
    fc.property(anything, fc.array(fc.nat(3000), { maxLength: 5 }), (text, cuts) => {
      const document = documentOf(text, cuts);
      for (const chunk of chunks(document)) {
        assert.equal(text.slice(chunk.start, chunk.end), chunk.content);
        assert.equal(chunk.content.trim(), chunk.content);
        assert.notEqual(chunk.content, "");
        const section = document.sections.find(({ start, end }) => start <= chunk.start && chunk.end <= end);
        assert.equal(section?.heading, chunk.heading);
      }
    }),
    { numRuns: 200 },
  );
});

test("no embedded text is over the limit, special tokens counted", () => {
  fc.assert(
    fc.property(anything, fc.constantFrom(16, 64, 256), fc.string({ maxLength: 400 }), (text, maxTokens, title) => {
      for (const chunk of chunks(documentOf(text, [], title), maxTokens)) {
        assert.ok(countTokens(chunk.embedded, true) <= maxTokens, `${countTokens(chunk.embedded, true)} tokens`);
      }
    }),
    { numRuns: 200 },
  );
});

test("every character that is not white space is in a chunk, and chunks move on", () => {
  fc.assert(
    fc.property(anything, (text) => {
      let covered = 0;
      let lastStart = -1;
      for (const { start, end } of chunks(documentOf(text))) {
        if (start > covered) assert.equal(text.slice(covered, start).trim(), "");
        assert.ok(start > lastStart && end > covered);
        covered = end;
        lastStart = start;
      }
      assert.equal(text.slice(covered).trim(), "");
    }),
    { numRuns: 200 },
  );
});

test("chunks end with sentences and repeat the last ones", () => {
  const sentence = (index: number) => `Sentence number ${index} says something of its own about retrieval.`;
  const text = Array.from({ length: 60 }, (_, index) => sentence(index)).join(" ");
  const cut = chunks(documentOf(text));
  assert.ok(cut.length > 2);
  for (const [index, chunk] of cut.entries()) {
    assert.match(chunk.content, /^Sentence number \d+ .*retrieval\.$/s);
    const next = cut[index + 1];
    if (next !== undefined) assert.ok(next.start < chunk.end, "the next chunk repeats the end of this one");
  }
});

test("no cut falls inside a surrogate pair", () => {
  const text = "😀".repeat(5000);
  for (const { content } of chunks(documentOf(text))) assert.equal(content.isWellFormed(), true);
});

test("a long run without any space is cut, whatever the tokenizer makes of it", () => {
  const text = "A".repeat(1_000_000);
  const cut = chunks(documentOf(text));
  assert.ok(cut.length > 100);
  for (const { content } of cut) assert.ok(content.length <= 256 * 10);
});

test("title and heading are embedded with the content, each once", () => {
  const document: ParsedDocument = {
    kind: "document",
    title: "Guide",
    text: "First.\nSecond.",
    sections: [
      { heading: "Guide > Install", start: 0, end: 7 },
      { heading: "", start: 7, end: 14 },
    ],
    metadata: {},
  };
  assert.deepEqual(
    chunks(document).map((chunk) => chunk.embedded),
    ["Guide > Install\nFirst.", "Guide\nSecond."],
  );
});
