import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import { countTokens } from "../../../test/support/tokenizer.ts";
import type { ParsedDocument } from "../types.ts";
import { type ChunkSpan, chunkDocument, maxChunks } from "./chunk.ts";

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
  for (const lead of ["", "a", "ab"]) {
    for (const { content } of chunks(documentOf(lead + "😀".repeat(5000)))) assert.equal(content.isWellFormed(), true);
  }
});

test("the halves of a word that was cut are counted again as what they are together", () => {
  // A tokenizer that knows short words, and spells out long ones: the whole has more tokens than its halves.
  const spelling = (text: string) =>
    text.split(/\s+/).reduce((sum, { length }) => sum + (length === 0 ? 0 : length <= 4 ? 1 : 2 * length), 0);
  for (const length of [8, 16, 30, 100]) {
    const text = `${"a".repeat(length)} b ${"c".repeat(length)}`;
    const document = documentOf(text, [], "");
    const sections = [{ heading: "", start: 0, end: text.length }];
    const cut = [
      ...chunkDocument({ ...document, sections }, { maxTokens: 12, overlapTokens: 2, countTokens: spelling }),
    ];
    for (const { embedded } of cut)
      assert.ok(spelling(embedded) <= 10, `"${embedded}" has ${spelling(embedded)} tokens`);
  }
});

test("title and heading are cut to their share, and leave the rest to the content", () => {
  const long = (name: string) => Array.from({ length: 500 }, (_, index) => `${name}${index}`).join(" ");
  const content = Array.from({ length: 400 }, (_, index) => `Word${index % 10}.`).join(" ");
  for (const maxTokens of [64, 256]) {
    for (const [title, heading] of [
      [long("title"), ""],
      ["", long("heading")],
      [long("title"), long("heading")],
      ["Short", long("heading")],
      ["x".repeat(10_000), ""],
    ] as const) {
      const document = documentOf(content, [], title);
      const sections = document.sections.map((section) => ({ ...section, heading }));
      const cut = chunks({ ...document, sections }, maxTokens);
      for (const chunk of cut) {
        const prefix = chunk.embedded.slice(0, chunk.embedded.length - chunk.content.length);
        assert.equal(chunk.embedded, prefix + chunk.content);
        assert.ok(`${title}\n${heading}`.trim().startsWith(prefix.trim()));
        const share = countTokens(prefix);
        assert.ok(share > 0 && share <= maxTokens / 4, `${share} of ${maxTokens} tokens`);
      }
      const most = Math.max(...cut.map((chunk) => countTokens(chunk.content)));
      assert.ok(most >= maxTokens / 2, `the content has ${most} of ${maxTokens} tokens`);
    }
  }
});

for (const [name, part] of [
  ["words without a sentence end", "word "],
  ["letters without a space", "abcde"],
] as const) {
  test(`the work on one line of ${name} grows with its length and no faster`, () => {
    const work = (parts: number) => {
      let counted = 0;
      const counting = (text: string) => {
        counted += text.length;
        return Math.ceil(text.length / 5);
      };
      const document = documentOf(part.repeat(parts));
      for (const _ of chunkDocument(document, { ...options, countTokens: counting }));
      return counted;
    };
    const [small, large] = [work(20_000), work(80_000)];
    assert.ok(large <= 4.5 * small, `${small} characters counted, then ${large}`);
    assert.ok(large <= 40 * 80_000 * part.length, `${large / (80_000 * part.length)} for each character`);
  });
}

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
    text: "First.\nSecond.\nThird.",
    sections: [
      { heading: "Guide > Install", start: 0, end: 7 },
      { heading: "", start: 7, end: 15 },
      { heading: "Guided tour", start: 15, end: 21 },
    ],
    metadata: {},
  };
  assert.deepEqual(
    chunks(document).map((chunk) => chunk.embedded),
    ["Guide > Install\nFirst.", "Guide\nSecond.", "Guide\nGuided tour\nThird."],
  );
});

test("a document of more chunks than one attempt takes is refused with what to do, one of as many is not", () => {
  const parts = (count: number) => {
    const sections = Array.from({ length: count }, (_, index) => ({
      heading: "",
      start: 2 * index,
      end: 2 * index + 1,
    }));
    return { kind: "document", title: "Title", text: "a ".repeat(count), sections, metadata: {} } as const;
  };
  const counting = { ...options, countTokens: () => 1 };
  let count = 0;
  for (const _ of chunkDocument(parts(maxChunks), counting)) count++;
  assert.equal(count, maxChunks);
  assert.throws(
    () => {
      for (const _ of chunkDocument(parts(maxChunks + 1), counting));
    },
    { code: "parse_limit", message: /more than 65536 chunks.* Split the file, or store it as JSONL/ },
  );
});
