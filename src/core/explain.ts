import { fusionWeights } from "./fusion.ts";
import type { Analyzer, StoreReader } from "./ports.ts";
import type { Explanation, HitExplanation, QueryRequest, WordWeight } from "./retrieve-types.ts";
import type { Hit, SearchQuery, TurnedAway } from "./types.ts";
import { why } from "./why.ts";
import { WORD } from "./words.ts";

/** Terms that are weighed for the hits; a question has fewer that any document holds. */
const termsWeighed = 64;

/** A search that was run, to be explained. */
export interface Explained {
  readonly request: QueryRequest;
  readonly search: SearchQuery;
  readonly hits: readonly Hit[];
  readonly turnedAway: readonly TurnedAway[];
}

/** Says what the scores of a search are made of, and what became of the document that was asked about. */
export async function explain(
  explained: Explained,
  parts: { readonly analyzer: Analyzer; readonly reader: StoreReader },
  signal?: AbortSignal,
): Promise<Explanation> {
  const { request, search, hits, turnedAway } = explained;
  const words = search.terms === undefined ? undefined : await wordsOf(request.query, search.terms, parts.analyzer);
  const [weights, document] = await Promise.all([
    words && weigh(words, search.terms ?? [], hits, parts, signal),
    request.why === undefined ? undefined : why(request.why, search, parts.reader, signal),
  ]);
  return {
    hits: hits.map(({ rankings }, at): HitExplanation => {
      const own = weights?.[at];
      return { rankings, ...(own && { words: own }) };
    }),
    ...(words && { words }),
    ...(search.mode === "hybrid" && {
      fusion: { ...fusionWeights(search.unfamiliar ?? 0), unfamiliar: search.unfamiliar ?? 0 },
    }),
    turnedAway,
    ...(document && { document }),
  };
}

type Words = readonly { readonly word: string; readonly terms: readonly string[] }[];

/** The question's words in order, each once, with the terms that it alone is looked for by; terms of no single word are words of their own. */
async function wordsOf(query: string, terms: readonly string[], analyzer: Analyzer): Promise<Words> {
  const wanted = new Set(terms);
  const told = new Set<string>();
  const words: { readonly word: string; readonly terms: readonly string[] }[] = [];
  for (const word of new Set(query.match(WORD) ?? [])) {
    const own = [...new Set(await analyzer.terms(word))].filter((term) => wanted.has(term) && !told.has(term));
    for (const term of own) told.add(term);
    words.push({ word, terms: own });
  }
  const rest = [...wanted].filter((term) => !told.has(term)).map((term) => ({ word: term, terms: [term] }));
  return [...words, ...rest];
}

/** What each word adds to each hit, heaviest first. Only what the hits' own texts hold is asked for. */
async function weigh(
  words: Words,
  terms: readonly string[],
  hits: readonly Hit[],
  { analyzer, reader }: { readonly analyzer: Analyzer; readonly reader: StoreReader },
  signal: AbortSignal | undefined,
): Promise<WordWeight[][]> {
  const counts = new Map<string, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  const held = new Set<string>();
  for (const { title, heading, content } of hits) {
    const text = [title, heading, content].join("\n");
    const own = await (analyzer.documentTerms === undefined ? analyzer.terms(text) : analyzer.documentTerms(text));
    for (const term of own) if (counts.has(term)) held.add(term);
  }
  const weighed = [...held].slice(0, termsWeighed);
  const rows = weighed.length === 0 ? hits.map(() => []) : await reader.termWeights(weighed, hits, signal);
  return rows.map((row) => {
    const byTerm = new Map(weighed.map((term, at) => [term, (row[at] ?? 0) * (counts.get(term) ?? 1)]));
    return words
      .map(({ word, terms: own }) => ({ word, weight: own.reduce((sum, term) => sum + (byTerm.get(term) ?? 0), 0) }))
      .filter(({ weight }) => weight > 0)
      .sort((a, b) => b.weight - a.weight);
  });
}
