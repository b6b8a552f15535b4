import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import { countTokens } from "../../../test/support/tokenizer.ts";
import { chunkDocument } from "./chunk.ts";

function chunksOf(text: string, maxTokens = 64) {
  const sections = [{ heading: "", start: 0, end: text.length }];
  const document = { kind: "document", title: "", text, sections, metadata: {} } as const;
  return [
    ...chunkDocument(document, { maxTokens, overlapTokens: maxTokens >> 3, countTokens: (of) => countTokens(of) }),
  ];
}

const word = fc.constantFrom("name", "room", "phone", "city", "price", "state");

test("each chunk of a long table is embedded below the names of its columns, and says its rows word for word", () => {
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 2, maxLength: 4 }),
      fc.integer({ min: 35, max: 75 }),
      fc.boolean(),
      fc.constantFrom("", "Words before it.\n\n"),
      (names, count, markdown, before) => {
        const bars = (cells: readonly string[]) => (markdown ? `| ${cells.join(" | ")} |` : cells.join(" | "));
        const rows = Array.from({ length: count }, (_, row) => bars(names.map((name, at) => `${name}${row} ${at}`)));
        const header = bars(names);
        const table = [header, ...(markdown ? [bars(names.map(() => "---"))] : []), ...rows].join("\n");
        const text = `${before}${table}\n\nWords after the table, which has no part in them.\n`;
        const chunks = chunksOf(text);
        assert.ok(chunks.length > 3);
        for (const { embedded, content, start, end } of chunks) {
          assert.equal(text.slice(start, end), content);
          assert.ok(countTokens(embedded, true) <= 64);
          assert.ok(embedded.endsWith(content));
          const row = rows.find((candidate) => content.includes(candidate));
          if (row !== undefined) assert.ok(embedded.includes(header), embedded);
          else assert.ok(embedded === content || embedded.includes(header));
        }
        for (const row of rows)
          assert.ok(
            chunks.some(({ content }) => content.includes(row)),
            row,
          );
      },
    ),
    { numRuns: 60 },
  );
});

test("what only looks like a table, and one whose first row is numbers, has no header", () => {
  const prose = Array.from({ length: 40 }, (_, row) => `Sentence ${row} says something of its own.`).join("\n");
  const numbers = Array.from({ length: 60 }, (_, row) => `${row} | ${row * 7}`).join("\n");
  const pair = `a | b\nc | d\n\n${prose}`;
  for (const text of [prose, numbers, pair]) {
    for (const { embedded, content } of chunksOf(text)) assert.equal(embedded, content);
  }
});

test("names of columns that would leave no room are not repeated", () => {
  const names = Array.from({ length: 30 }, (_, at) => `column${at}`).join(" | ");
  const rows = Array.from({ length: 40 }, (_, row) => `row${row} | value ${row}`);
  for (const { embedded, content } of chunksOf([names, ...rows].join("\n"))) assert.equal(embedded, content);
});

test("years are names of columns, and so is what a table of Markdown marks as such", () => {
  const rows = Array.from({ length: 60 }, (_, row) => `Town ${row} | ${row} | ${row + 1}`);
  for (const header of ["City | 2019 | 2020", "City | 1 | 2\n--- | --- | ---"]) {
    const [, second] = chunksOf([header, ...rows].join("\n"));
    assert.ok(second?.embedded.startsWith(header.split("\n")[0] ?? ""), second?.embedded.slice(0, 60));
  }
  const [, second] = chunksOf(["City | 1 | 2", ...rows].join("\n"));
  assert.doesNotMatch(second?.embedded ?? "", /^City/);
});
