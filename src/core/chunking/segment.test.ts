import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import { charactersPerToken, segment, type Unit } from "./segment.ts";

const countWords = (text: string) => text.split(/\s+/).filter((word) => word !== "").length;

function units(text: string, maxTokens = 32, countTokens = countWords): Unit[] {
  return [...segment(text, 0, text.length, maxTokens, countTokens)];
}

const texts = (text: string, cut: readonly Unit[]) => cut.map(({ start, end }) => text.slice(start, end));

test("units cover the stretch without a gap, within the limits", () => {
  const words = fc.array(fc.constantFrom("a ", "Mr. ", "end. ", "\n", "x".repeat(99), "😀", "é", " "), {
    maxLength: 300,
  });
  fc.assert(
    fc.property(words, fc.integer({ min: 1, max: 20 }), fc.nat(50), (parts, maxTokens, start) => {
      const text = parts.join("");
      const end = text.length;
      let at = Math.min(start, end);
      for (const unit of segment(text, at, end, maxTokens, countWords)) {
        assert.equal(unit.start, at);
        assert.ok(unit.end > at && unit.end - at <= maxTokens * charactersPerToken);
        assert.ok(unit.tokens <= maxTokens);
        at = unit.end;
      }
      assert.equal(at, end);
    }),
    { numRuns: 300 },
  );
});

test("no cut falls inside a surrogate pair, wherever the pairs begin", () => {
  // Halves, the limit of a unit and the edge of a block all fall on odd and on even offsets.
  for (const lead of ["", "a", "ab", "abc"]) {
    for (const pairs of [7, 50, 5000, 9000]) {
      const text = lead + "😀".repeat(pairs);
      for (const maxTokens of [1, 3, 254]) {
        for (const piece of texts(text, units(text, maxTokens))) assert.ok(piece.isWellFormed());
      }
    }
  }
});

test("a block of a long text ends after a line, so that lines stay whole", () => {
  const line = "one two three four five six\n";
  const text = line.repeat(3000);
  assert.deepEqual(new Set(texts(text, units(text))), new Set([line]));
});

test("a block of a long text without lines ends after a word", () => {
  const text = "word ".repeat(20_000);
  for (const piece of texts(text, units(text))) assert.match(piece, /^(word )+$/);
});

test("white space far back does not make a sliver of a cut", () => {
  const [first] = units(`ab ${"c".repeat(20_000)}`);
  assert.ok(first && first.end - first.start > 100, `the first unit ends at ${first?.end}`);
});

/** Characters handed to the tokenizer and the sentence segmenter, and searched for line breaks, while a text is cut. */
function work(context: TestContext, text: string, countTokens: (text: string) => number) {
  const seen = { counted: 0, segmented: 0, longest: 0, searched: 0 };
  const { segment: segmentText } = Intl.Segmenter.prototype;
  const { lastIndexOf } = String.prototype;
  const segmenting = context.mock.method(
    Intl.Segmenter.prototype,
    "segment",
    function (this: Intl.Segmenter, input: string) {
      seen.segmented += input.length;
      seen.longest = Math.max(seen.longest, input.length);
      return segmentText.call(this, input);
    },
  );
  const searching = context.mock.method(
    String.prototype,
    "lastIndexOf",
    function (this: string, search: string, from = this.length) {
      const found = lastIndexOf.call(this, search, from);
      seen.searched += Math.min(from, this.length) - found;
      return found;
    },
  );
  try {
    units(text, 254, (part) => {
      seen.counted += part.length;
      return countTokens(part);
    });
  } finally {
    segmenting.mock.restore();
    searching.mock.restore();
  }
  return seen;
}

for (const [name, part, countTokens] of [
  ["words without a sentence end", "word ", countWords],
  ["letters without a space", "abcde", (text: string) => text.length],
  ["letters that count as one token", "abcde", () => 1],
  ["letters that count as many", "abcde", (text: string) => 40 * text.length],
] as const) {
  test(`the work on one line of ${name} grows with its length and no faster`, (context) => {
    const [small, large] = [5_000, 20_000].map((parts) => work(context, part.repeat(parts), countTokens));
    assert.ok(small && large);
    const length = 20_000 * part.length;
    assert.equal(large.segmented, length, "each character is segmented once");
    assert.ok(large.longest <= 20_000, `${large.longest} characters at once`);
    assert.ok(large.counted <= 15 * length, `${large.counted / length} characters counted for each one`);
    assert.ok(large.searched <= 15 * length, `${large.searched / length} characters searched for each one`);
    assert.ok(large.counted <= 4.5 * small.counted, "four times the text is four times the work");
  });
}

test("blank stretches, for which the segmenter is not asked, are cut as it would cut them", () => {
  const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });
  const blanks = fc
    .array(fc.constantFrom(" ", "  ", "\t", "\n", "\n\n"), { maxLength: 60 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(blanks, (text) => {
      const units = [...segment(text, 0, text.length, 100, () => 0)].map(({ start, end }) => text.slice(start, end));
      assert.deepEqual(
        units,
        [...segmenter.segment(text)].map(({ segment: sentence }) => sentence),
      );
    }),
  );
});
