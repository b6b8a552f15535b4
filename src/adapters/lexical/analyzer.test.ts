import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_TERMS } from "../../core/filter.ts";
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

test("a question of many words stays within the bound of terms, and keeps all words of its own", () => {
  const question = Array.from(
    { length: 100 },
    (_, at) => `frage${String.fromCodePoint(97 + (at % 26))}${"xyz"[at % 3]}wort`,
  );
  const terms = new Set(createAnalyzer().terms(question.join(" ")));
  assert.equal(terms.size, MAX_TERMS);
  const own = createEnglishAnalyzer().terms(question.join(" "));
  assert.deepEqual(
    own.filter((term) => !terms.has(term)),
    [],
  );
});
