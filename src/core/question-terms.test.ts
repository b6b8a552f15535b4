import assert from "node:assert/strict";
import { test } from "node:test";
import { createAnalyzer } from "../adapters/lexical/analyzer.ts";
import { questionTerms } from "./question-terms.ts";

const analyzer = createAnalyzer();
async function counts(query: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const term of await questionTerms(query, analyzer)) found.set(term, (found.get(term) ?? 0) + 1);
  return found;
}

test("a code counts three times, in whatever way it is written, and a word once", async () => {
  for (const [code, term] of [
    ["KX-4471/B", "kx4471b"],
    ["max_spool_depth", "max_spool_depth"],
    ["maxSpoolDepth", "maxspooldepth"],
    ["10.77.4.19", "10.77.4.19"],
    ["4711003", "4711003"],
    ["C#", "c#"],
    [".NET", ".net"],
    ["17 March 2031", "20310317"],
    ["€4,310.00", "4310eur"],
  ] as const) {
    const found = await counts(`which of the payments to the customer were stopped because of ${code}?`);
    assert.equal(found.get(term), 3, `${code}: ${[...found]}`);
    for (const word of ["payment", "custom", "stop"]) assert.equal(found.get(word), 1, word);
  }
});

test("words, years and short numbers count once, also a word that comes twice", async () => {
  const found = await counts(
    "In 1989 the war of the war had 12 battles, and Łódź l'eau Überschall was well-known in the 19th century and the 1960s (in chapter 4)",
  );
  assert.deepEqual(
    [...found].filter(([, count]) => count !== 1),
    [],
  );
});
