import { ownTermsOf } from "./own-terms.ts";
import type { Analyzer } from "./ports.ts";
import { WORD } from "./words.ts";

/**
 * How much more a code weighs than a word that is as rare. One code stands against all other words of a question, of which a document
 * about something like it may have three or four. Figures are in docs/adr/0005.
 */
const codeWeight = 3;
/**
 * A digit with a letter or a joint (`kx4471b`, `10.77.4.19`), a long number, an underscore, or a sign at an end (`c#`, `.net`): no word
 * of prose is written so.
 */
const CODE = /^(?=.*\d)(?:.*\p{L}|.*[_.:]|\d{5,})|_|[+#]$|^\.\p{L}/u;
/** `19th`, `1960s`: prose is full of them. */
const ORDINAL = /^\d+(?:st|nd|rd|th|s)$/;
/** A symbol of a program, as the question has it: `maxSpoolDepth`. */
const SYMBOL = /\p{Ll}\p{Lu}/u;

/**
 * What keyword search looks for: the terms of a question, each as often as it counts. Who writes a code into a question wants what has
 * the code before what has the other words.
 */
export async function questionTerms(query: string, analyzer: Analyzer): Promise<string[]> {
  const codes = new Set<string>();
  for (const word of query.match(WORD) ?? []) {
    // In lower case, so that its parts are no terms of it.
    if (SYMBOL.test(word)) for (const term of await ownTermsOf(analyzer, word.toLowerCase())) codes.add(term);
  }
  const terms = [...new Set(await analyzer.terms(query))];
  const isCode = (term: string): boolean => codes.has(term) || (CODE.test(term) && !ORDINAL.test(term));
  return terms.flatMap((term) => Array<string>(isCode(term) ? codeWeight : 1).fill(term));
}
