import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../test/support/fast-check.ts";
import { countTokens } from "../../test/support/tokenizer.ts";
import { chunkDocument } from "./chunking/chunk.ts";
import { joinPassages, withHeadings } from "./document.ts";
import type { DocumentPassage } from "./types.ts";

const uri = "file:///a";

function passagesOf(text: string, maxTokens: number): DocumentPassage[] {
  const half = Math.floor(text.length / 2);
  const sections = [
    { heading: "One", start: 0, end: half },
    { heading: "Two", start: half, end: text.length },
  ];
  const document = { kind: "document", title: "T", text, sections, metadata: {} } as const;
  const options = { maxTokens, overlapTokens: maxTokens >> 2, countTokens: (part: string) => countTokens(part) };
  return Array.from(chunkDocument(document, options), ({ heading, start, end, content }, ordinal) => ({
    ordinal,
    title: "T",
    heading,
    start,
    end,
    content,
    metadata: {},
  }));
}

const words = fc
  .array(
    fc.tuple(
      fc.constantFrom("alpha", "beta.", "日本語。", "👩‍👩‍👧", "x".repeat(60)),
      fc.constantFrom(" ", "\n", "\n\n\n", ". ", ""),
    ),
    {
      maxLength: 200,
    },
  )
  .map((parts) => parts.map((part) => part.join("")).join(""));

test("a document that is joined from its passages is its text again, white space aside, and each passage stands at its place", () => {
  fc.assert(
    fc.property(words, fc.constantFrom(16, 64), (text, maxTokens) => {
      const passages = passagesOf(text, maxTokens);
      const parts = joinPassages(uri, passages);
      assert.equal(parts.length, passages.length === 0 ? 0 : 1);
      const [part] = parts;
      if (part === undefined) return assert.equal(text.trim(), "");
      assert.equal(part.text.length, part.end - part.start);
      assert.equal(part.text.replace(/\s/g, ""), text.replace(/\s/g, ""));
      assert.deepEqual(
        part.passages.map(({ start, end }) => part.text.slice(start - part.start, end - part.start)),
        passages.map(({ content }) => content),
      );
    }),
  );
});

test("records of one file are parts of their own, each cited by its id", () => {
  const record = (ordinal: number, recordId: string, start: number, content: string): DocumentPassage => ({
    ordinal,
    recordId,
    title: `record ${recordId}`,
    heading: "",
    start,
    end: start + content.length,
    content,
    metadata: { row: ordinal },
  });
  const parts = joinPassages("file:///a.csv", [
    record(3, "a b", 0, "one two"),
    record(4, "a b", 4, "two three"),
    record(5, "7", 0, "other"),
    record(6, "7", 8, "end"),
  ]);
  assert.deepEqual(
    parts.map((part) => [part.uri, part.title, part.text, part.start, part.end]),
    [
      ["file:///a.csv#a%20b", "record a b", "one two three", 0, 13],
      ["file:///a.csv#7", "record 7", "other\n \nend", 0, 11],
    ],
  );
});

test("a document reads with its headings, each once and by its depth, whatever its passages overlap", () => {
  const passage = (ordinal: number, heading: string, start: number, content: string): DocumentPassage => ({
    ordinal,
    title: "Guide",
    heading,
    start,
    end: start + content.length,
    content,
    metadata: {},
  });
  const passages = [
    passage(0, "", 0, "First."),
    passage(1, "Guide > Is it free?", 30, "Yes. It"),
    passage(2, "Guide > Is it free?", 35, "It is."),
    passage(3, "Guide", 60, "The end."),
  ];
  const [part] = joinPassages(uri, passages);
  assert.equal(part && withHeadings(part), "First.\n\n## Is it free?\n\nYes. It is.\n\n# Guide\n\nThe end.");
  assert.equal(joinPassages(uri, passages.slice(0, 1)).map(withHeadings).join(), "First.");
});
