import assert from "node:assert/strict";
import { test } from "node:test";
import { createAnalyzer } from "./analyzer.ts";
import { createEnglishAnalyzer } from "./english.ts";

const english = "The wings of the aeroplane were vibrating while it was in the tunnel";
const german = "Im Sommer verkauft sich Eiskaffee in den Krankenhäusern am besten";

test("a document and a question meet in the stem of the document's language, and in a part of a compound", () => {
  const analyzer = createAnalyzer(() => ["de"]);
  const document = new Set(analyzer.documentTerms?.(german));
  for (const word of ["Krankenhaus", "Kaffee"]) {
    assert.ok(
      analyzer.terms(word).some((term) => document.has(term)),
      word,
    );
  }
});

test("an English text has the terms of English alone, whatever is guessed of it", () => {
  const analyzer = createAnalyzer(() => ["it"]);
  assert.deepEqual(analyzer.documentTerms?.(english), createEnglishAnalyzer().terms(english));
});
