import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { WholeAnswer } from "../support/answering.ts";

/** A model may write 2 where the document has "two". */
const numerals = "zero one two three four five six seven eight nine ten eleven twelve".split(" ");

/**
 * Holds an answer to the files themselves, by other means than the product does: each quote stands at its place in its document, and each number
 * of a sentence in its quotes.
 *
 * @returns what it came to, for the log of a test.
 */
export function assertHeldToFiles({ sentences, citations, passages, dropped, generator }: WholeAnswer): string {
  for (const { quote, passage, source } of citations) {
    const document = readFileSync(fileURLToPath(source.uri), "utf8");
    assert.equal(document.slice(source.start, source.end), quote);
    assert.equal(passages[passage - 1]?.source.uri, source.uri);
  }
  for (const { text, basis, citations: own } of sentences) {
    const quotes = own.map((at) => citations[at]?.quote ?? assert.fail("a citation that is not there"));
    assert.ok(quotes.length > 0);
    if (basis === "quoted") {
      // A sentence is shown on one line however the document wrapped it.
      const whole = passages.some(({ content }) => oneLine(content).includes(oneLine(text)));
      assert.ok(whole, text);
      continue;
    }
    const spelled = quotes.join(" ").replace(/\p{L}+/gu, (word) => {
      const number = numerals.indexOf(word.toLowerCase());
      return number < 0 ? word : `${number}`;
    });
    const carried = new Set(spelled.match(/\d+/g) ?? []);
    for (const number of text.match(/\d+/g) ?? []) assert.ok(carried.has(number), text);
  }
  return `${generator}: ${sentences.length} shown, dropped ${JSON.stringify(dropped)}`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}
