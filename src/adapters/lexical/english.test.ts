import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import { createEnglishAnalyzer } from "./english.ts";

const analyzer = createEnglishAnalyzer();
const terms = (text: string): string => analyzer.terms(text).join(" ");

test("folds case, accents and compatibility forms, drops stop words, and stems", () => {
  assert.equal(terms("The Wings of the AEROPLANES were vibrating"), "wing aeroplan vibrat");
  assert.equal(terms("Café naïve ﬁnal Ⅷ Ångström"), "cafe naiv final viii angstrom");
  assert.equal(terms("the wing's and the wings’ don't we'll O'Neill"), "wing wing oneil");
});

test("keeps identifiers whole and in parts, and numbers", () => {
  assert.equal(terms("ISTHMUS_DATA_DIR"), "isthmus_data_dir isthmu data dir");
  assert.equal(terms("node:sqlite"), "node:sqlite node sqlite");
  assert.equal(
    terms("see file.txt. Then 3.14, 1.39.0 and 1,234,567 in 2024"),
    "see file.txt file txt 3.14 1.39.0 1234567 2024",
  );
  assert.equal(terms("state-of-the-art C3PO"), "state art c3po");
});

test("gives the characters and the pairs of scripts without spaces", () => {
  assert.equal(terms("東京都 2024年"), "東 東京 京 京都 都 2024 年");
  assert.equal(terms("コーヒー"), "コ コー ー ーヒ ヒ ヒー ー");
  assert.ok(analyzer.terms("한국어 हिन्दी").includes("한국어"));
  assert.ok(analyzer.terms("비가").includes("비"));
});

test("a text and its upper case are found by the same terms", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("wing", "Überschall", "naïve", "node:sqlite", "a_b", "x'y", "1,000"), { maxLength: 6 }),
      (words) => {
        assert.deepEqual(analyzer.terms(words.join(" ").toUpperCase()), analyzer.terms(words.join("\n")));
      },
    ),
  );
});

test("no term is empty, holds white space or upper-case ASCII, or is longer than 64 units", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      for (const term of analyzer.terms(text)) assert.match(term, /^[^\sA-Z]{1,64}$/);
    }),
    { numRuns: 1_000 },
  );
  assert.deepEqual(analyzer.terms("x".repeat(1_000_000)), ["x".repeat(64)]);
});
