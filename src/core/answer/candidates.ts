import { ownTermsOf } from "../own-terms.ts";
import type { Analyzer } from "../ports.ts";
import type { Hit } from "../types.ts";
import { asksBack, identifiersIn, namesIn, numbersIn, offers, type Wanted, wantedBy } from "./question.ts";
import { asks, type Sentence, sentencesOf } from "./sentences.ts";

/** How many of the hits are read for an answer; the others only tell which of the question's words are common among them. */
export const passagesRead = 5;

/** What is known of a sentence; shares are 0 to 1. */
export interface SentenceFeatures {
  /** The cosine with the question; 0 until it was embedded. */
  likeness: number;
  /** Of the question's words, by their weight: in the sentence, only in its neighbours (the heading is one before each), in its passage. */
  coverage: number;
  before: number;
  after: number;
  passageCoverage: number;
  /** The same with every word alike, and of pairs of words. */
  shared: number;
  pairs: number;
  /** Of the hit: score, cosine, one over its place. */
  passageScore: number;
  passageLikeness: number;
  passageRank: number;
  /** Of the question's words, those that begin as one of the sentence does. */
  kindred: number;
  /** Of the question's names. */
  names: number;
  /** The logarithm of its words. */
  length: number;
  /** 1 where the question asks for such a thing and the sentence has one, or has none. */
  numberThere: number;
  numberLacking: number;
  dateThere: number;
  dateLacking: number;
  nameThere: number;
  nameLacking: number;
  placeThere: number;
  placeLacking: number;
  reasonThere: number;
}

/** A question with what the hits tell of its words. */
export interface Reading {
  readonly text: string;
  readonly wanted: Wanted;
  readonly names: ReadonlySet<string>;
  readonly numbers: ReadonlySet<string>;
  readonly identifiers: readonly string[];
  /** The question's terms with their weight: the fewer hits have one, the more it says. */
  readonly weights: ReadonlyMap<string, number>;
  readonly total: number;
  readonly pairs: ReadonlySet<string>;
  readonly hitTerms: readonly ReadonlySet<string>[];
}

export async function readQuestion(text: string, hits: readonly Hit[], analyzer: Analyzer): Promise<Reading> {
  const terms = await ownTermsOf(analyzer, text);
  const hitTerms = await Promise.all(
    hits.map(async (hit) => new Set(await ownTermsOf(analyzer, `${innermost(hit.heading)}\n${hit.content}`))),
  );
  const weights = new Map<string, number>();
  for (const term of terms) {
    const having = hitTerms.filter((own) => own.has(term)).length;
    weights.set(term, Math.log(1 + (hits.length - having + 0.5) / (having + 0.5)));
  }
  return {
    text,
    wanted: wantedBy(text),
    names: namesIn(text),
    numbers: numbersIn(text),
    identifiers: [...identifiersIn(text)],
    weights,
    total: sumOf(weights.values()) || 1,
    pairs: pairsOf(terms),
    hitTerms,
  };
}

/** A sentence that may answer. */
export interface Candidate {
  readonly hit: Hit;
  /** From 1. */
  readonly passage: number;
  readonly kind: Sentence["kind"];
  /** Whether others have it as what introduces them. */
  readonly introduces: boolean;
  /** Whether the passage's edge cut it: a half of a sentence. */
  readonly torn: boolean;
  readonly text: string;
  /** "" where nothing introduces it. */
  readonly leadIn: string;
  readonly start: number;
  readonly end: number;
  readonly features: SentenceFeatures;
  readonly shared: number;
}

/** Every sentence of the passages that are read, judged by its words alone; one that overlapping passages share counts once. */
export async function candidatesOf(reading: Reading, hits: readonly Hit[], analyzer: Analyzer): Promise<Candidate[]> {
  const seen = new Set<string>();
  const read = await Promise.all(
    hits.slice(0, passagesRead).map(async (hit) => ({
      hit,
      spans: await spansOf(hit, analyzer),
      above: await ownTermsOf(analyzer, innermost(hit.heading)),
    })),
  );
  return read.flatMap(({ hit, spans, above }, rank) => {
    const inPassage = coverage(reading, reading.hitTerms[rank] ?? new Set());
    const introducing = new Set(spans.map(({ leadInAt }) => leadInAt));
    return spans.flatMap(({ start, end, kind, text, leadIn, leadInTerms, terms, own }, at) => {
      const key = `${hit.uri}#${hit.recordId ?? ""}\n${leadIn}\n${text}`;
      // It says nothing by itself, and is said with what it introduces.
      const introduces = introducing.has(start);
      if (kind === "heading" || (introduces && wordsIn(text) < wordsThatSay)) return [];
      if (seen.has(key) || asksBack(text, reading.text) || (kind === "prose" && LINKS.test(text))) return [];
      seen.add(key);
      const shared = [...reading.weights.keys()].filter((term) => own.has(term)).length;
      const offered = offers(reading.wanted, text, reading.text);
      const features = {
        likeness: 0,
        coverage: coverage(reading, own),
        before: coverage(
          reading,
          without(new Set([...(leadInTerms ?? spans[at - 1]?.own ?? []), ...(asks(leadIn) ? [] : above)]), own),
        ),
        after: coverage(reading, without(spans[at + 1]?.own, own)),
        passageCoverage: inPassage,
        shared: shared / (reading.weights.size || 1),
        pairs: shareOf(reading.pairs, pairsOf(terms)),
        passageScore: hit.score,
        passageLikeness: hit.rankings.vector?.score ?? 0,
        passageRank: 1 / (1 + rank),
        kindred: kindred(reading, own),
        names: shareOf(reading.names, new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])),
        length: Math.log(1 + wordsIn(text)),
        ...typed("number", reading.wanted, offered),
        ...typed("date", reading.wanted, offered),
        ...typed("name", reading.wanted, offered),
        ...typed("place", reading.wanted, offered),
        reasonThere: reading.wanted === "reason" && offered === true ? 1 : 0,
      };
      const torn =
        (kind === "prose" || kind === "item") && spans.length > 1 && isTorn(text, at === 0, at === spans.length - 1);
      return [{ hit, passage: rank + 1, kind, introduces, torn, text, leadIn, start, end, features, shared }];
    });
  });
}

/** The heading right above a passage, "" where there is none: it is not in the passage's text, and often the very question. */
export function innermost(heading: string): string {
  return heading.split(" > ").at(-1) ?? "";
}

/** Nothing but links. */
const LINKS = /^(?:See(?: also)?:? )?(?:!?\[[^\]]*\]\(\S+?\)(?:,? and |,? or |, |[.;]?\s*$))+$/iu;

/** Words that a sentence has at least which introduces others and says something itself ("So:" and "To install it:" do not). */
const wordsThatSay = 8;

function wordsIn(text: string): number {
  return (text.match(/[\p{L}\p{N}_]+/gu) ?? []).length;
}

/** A long one without its end at the end of the passage, or that begins it with a small letter. */
function isTorn(text: string, first: boolean, last: boolean): boolean {
  if (wordsIn(text) < wordsThatSay) return false;
  return (last && !/[.!?…:;。！？]["'”’)\]*_`]*$/u.test(text)) || (first && /^\p{Ll}/u.test(text));
}

/** The sentences of a passage with their terms. */
async function spansOf(hit: Hit, analyzer: Analyzer) {
  return await Promise.all(
    sentencesOf(hit.content).map(async ({ start, end, kind, leadIn: above }) => {
      const text = hit.content.slice(start, end);
      const terms = await ownTermsOf(analyzer, text);
      const leadIn = above === undefined ? "" : hit.content.slice(above.start, above.end);
      const leadInTerms = above && new Set(await ownTermsOf(analyzer, leadIn));
      return { start, end, kind, text, leadIn, leadInAt: above?.start ?? -1, leadInTerms, terms, own: new Set(terms) };
    }),
  );
}

function typed<Kind extends "number" | "date" | "name" | "place">(
  kind: Kind,
  wanted: Wanted,
  offered: boolean | undefined,
): Record<`${Kind}There` | `${Kind}Lacking`, number> {
  const asked = wanted === kind;
  return { [`${kind}There`]: asked && offered ? 1 : 0, [`${kind}Lacking`]: asked && !offered ? 1 : 0 } as Record<
    `${Kind}There` | `${Kind}Lacking`,
    number
  >;
}

/** Of the question's words, by their weight, what a set of terms has; 0 to 1. */
function coverage({ weights, total }: Reading, terms: ReadonlySet<string>): number {
  return sumOf([...weights].flatMap(([term, weight]) => (terms.has(term) ? [weight] : []))) / total;
}

/** Letters of a common beginning that make two stems kindred ("invent" and "inventor" may have different ones). */
const kindredLetters = 4;

/** The weight of the question's words that are not in the sentence, while a word that begins alike is; 0 to 1. */
function kindred({ weights, total }: Reading, terms: ReadonlySet<string>): number {
  const near = [...weights].filter(
    ([term]) =>
      !terms.has(term) &&
      [...terms].some(
        (other) => begins(term, other) >= Math.max(kindredLetters, 0.6 * Math.min(term.length, other.length)),
      ),
  );
  return sumOf(near.map(([, weight]) => weight)) / total;
}

function begins(left: string, right: string): number {
  let same = 0;
  while (same < left.length && same < right.length && left[same] === right[same]) same += 1;
  return same;
}

function pairsOf(terms: readonly string[]): Set<string> {
  return new Set(terms.slice(1).map((term, at) => `${terms[at]} ${term}`));
}

/** Of what is wanted, the share that is there; 0 to 1. */
export function shareOf(wanted: ReadonlySet<string>, there: ReadonlySet<string>, ofNone = 0): number {
  return wanted.size === 0 ? ofNone : [...wanted].filter((one) => there.has(one)).length / wanted.size;
}

function without(terms: ReadonlySet<string> | undefined, known: ReadonlySet<string>): Set<string> {
  return new Set([...(terms ?? [])].filter((term) => !known.has(term)));
}

export function sumOf(numbers: Iterable<number>): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
}
