/** English words that say nothing of a text's subject: articles, pronouns, prepositions, auxiliaries, conjunctions. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about above after again against all am an and any are as at be because been before being below between both but by
  can could did do does doing down during each few for from further had has have having he her here hers herself him
  himself his how i if in into is it its itself just me more most my myself no nor not now of off on once only or other
  our ours ourselves out over own same she should so some such than that the their theirs them themselves then there
  these they this those through to too under until up very was we were what when where which while who whom why will
  with would you your yours yourself yourselves`.split(/\s+/),
);

/** Those of them that are words of other languages too: German `war in so`, French `on`, Danish `her for over`, Dutch `we is`. */
const SHARED: ReadonlySet<string> = new Set(
  `a all am an as at be by can do for had has have he her here i if in is it me more most no now on once or our over so
  than then to under very was we were will`.split(/\s+/),
);
/** English words of the same kind that a search looks for all the same, and no other language here has. */
const SEARCHED =
  `across along although always among another anything around cannot either every everything might neither never nothing
  others shall since something though upon whether whose within without yes`.split(/\s+/);
const ENGLISH_ALONE: ReadonlySet<string> = new Set([...STOP_WORDS, ...SEARCHED].filter((word) => !SHARED.has(word)));
/** A quarter to a third of the words of English prose are English alone, of other languages some two in a hundred. */
const LEAST_SHARE = 0.2;

/** Share of a text's words that are English alone. @param words in lower case. */
export function englishShare(words: readonly string[]): number {
  return words.filter((word) => ENGLISH_ALONE.has(word)).length / Math.max(1, words.length);
}

/** Whether a text is English beyond doubt. @param words in lower case. */
export function isEnglish(words: readonly string[]): boolean {
  return englishShare(words) >= LEAST_SHARE;
}
