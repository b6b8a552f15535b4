import { asPassage } from "../embedding.ts";
import { present } from "../errors.ts";
import type { Analyzer, Embedder } from "../ports.ts";
import type { Hit } from "../types.ts";
import { asksBack, namesIn, numbersIn, offers, type Wanted, wantedBy } from "./question.ts";
import { type Sentence, sentencesOf } from "./sentences.ts";
import type { EvidenceSentence } from "./types.ts";
import { shippedWeights } from "./weights.ts";

/** How many of the hits are read for an answer; the others only tell which of the question's words are common among them. */
export const passagesRead = 5;
/** Hits wanted of the search. */
export const hitsWanted = 30;
/** Sentences that are embedded for one question: each costs the embedder some milliseconds. */
const sentencesEmbedded = 12;
/** Letters of a title before a sentence that is embedded, and of what introduces it. */
const titleCharacters = 80;
const leadInCharacters = 200;
/**
 * What code is behind: words that answer are better than a command that does, so it is said before them only where it is e^2, some seven times, as
 * likely. As far as a second sentence may be behind the first (`extractive.ts`).
 */
const codeBehind = 2;
/** What introduces others is behind as well, half as far: it says a half of what it means. */
const introductionBehind = 1;

export type SentenceFeature = keyof Features;
export type QuestionFeature = keyof Judgement;

/** What each thing counts; one that is not named counts nothing. */
export interface EvidenceWeights {
  readonly sentences: Readonly<Partial<Record<SentenceFeature, number>>>;
  readonly answerability: Readonly<Partial<Record<QuestionFeature, number>>>;
}

/** For those who fit or measure: other weights, and how many sentences are embedded. */
export interface EvidenceOptions {
  readonly weights?: EvidenceWeights;
  readonly embedded?: number;
}

export interface Evidence {
  /** Of the passages that were read, best first. */
  readonly sentences: readonly EvidenceSentence[];
  /** How likely the passages answer the question, 0 to 1. */
  readonly answerability: number;
  /** What both were made of, for calibration. */
  readonly features: {
    readonly sentences: readonly (Readonly<Features> & { readonly text: string })[];
    readonly question: Readonly<Judgement>;
  };
}

/** What is known of a sentence; shares are 0 to 1. */
interface Features {
  /** The cosine with the question; 0 until it was embedded. */
  likeness: number;
  /** Of the question's words, by their weight: in the sentence, in its neighbours only, in its passage. */
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

/** What is known of a question with its hits. */
interface Judgement {
  /** The best sentence: its score, its cosine, the words of the question in its passage. */
  best: number;
  likeness: number;
  passageCoverage: number;
  greatestCoverage: number;
  passageLikeness: number;
  greatestLikeness: number;
  namesLacking: number;
  numbersLacking: number;
  unfound: number;
  shared: number;
  around: number;
  kindred: number;
  coverageTimesLikeness: number;
  kind: number;
  /** By how much the best hit is ahead of the first of another document. */
  ahead: number;
  /** One over the question's words. */
  brevity: number;
  /** By how much the most alike sentence is ahead of the third. */
  likenessLead: number;
  /** The greatest share of the question's pairs of words. */
  pairs: number;
  /** Of the hits' cosines: the mean of the ten best, and how far the best is above the mean of all, in itself and in standard deviations. */
  likenessMean: number;
  likenessAbove: number;
  likenessDeviations: number;
  /** The mean of the ten best scores by keyword, over the best. */
  keywordMean: number;
  /** 1 where the best hit has every word of the question. */
  complete: number;
  /** 1 where the best sentence lacks the kind of thing that is asked for. */
  lacking: number;
  bias: number;
}

const noJudgement: Judgement = {
  best: 0,
  likeness: 0,
  passageCoverage: 0,
  greatestCoverage: 0,
  passageLikeness: 0,
  greatestLikeness: 0,
  namesLacking: 0,
  numbersLacking: 0,
  unfound: 0,
  shared: 0,
  around: 0,
  kindred: 0,
  coverageTimesLikeness: 0,
  kind: 0,
  ahead: 0,
  brevity: 0,
  likenessLead: 0,
  pairs: 0,
  likenessMean: 0,
  likenessAbove: 0,
  likenessDeviations: 0,
  keywordMean: 0,
  complete: 0,
  lacking: 0,
  bias: 0,
};

interface Asked {
  readonly text: string;
  readonly vector: Float32Array;
}

/**
 * Ranks the sentences of the best hits by how well they answer, and judges whether any does. Both are linear models over what is
 * cheap to know; their weights and how well they do are in docs/adr/0019.
 */
export async function weighEvidence(
  question: Asked,
  hits: readonly Hit[],
  parts: { readonly embedder: Embedder; readonly analyzer: Analyzer },
  signal?: AbortSignal,
  { weights = shippedWeights, embedded = sentencesEmbedded }: EvidenceOptions = {},
): Promise<Evidence> {
  const reading = await readQuestion(question, hits, parts.analyzer);
  const candidates = (await candidatesOf(reading, hits, parts.analyzer))
    .map((candidate) => ({ ...candidate, score: scoreOf(candidate, weights) }))
    .sort((left, right) => right.score - left.score)
    .slice(0, embedded);
  const texts = candidates.map((candidate) => asPassage(parts.embedder, embeddedOf(candidate)));
  const vectors = await embedAll(texts, parts.embedder, signal);
  for (const [at, candidate] of candidates.entries()) {
    candidate.features.likeness = cosine(question.vector, present(vectors[at], `the vector of sentence ${at}`));
    candidate.score = scoreOf(candidate, weights);
  }
  candidates.sort((left, right) => right.score - left.score);
  const features = judge(reading, hits, candidates);
  return {
    sentences: candidates.map(({ passage, text, leadIn, start, end, score }) => ({
      passage,
      text,
      ...(leadIn !== "" && { leadIn }),
      start,
      end,
      score,
    })),
    answerability: candidates.length === 0 ? 0 : logistic(weighted(weights.answerability, features)),
    features: { sentences: candidates.map(({ text, features: own }) => ({ text, ...own })), question: features },
  };
}

interface Reading {
  readonly text: string;
  readonly wanted: Wanted;
  readonly names: ReadonlySet<string>;
  readonly numbers: ReadonlySet<string>;
  /** The question's terms with their weight: the fewer hits have one, the more it says. */
  readonly weights: ReadonlyMap<string, number>;
  readonly total: number;
  readonly pairs: ReadonlySet<string>;
  readonly hitTerms: readonly ReadonlySet<string>[];
}

async function readQuestion({ text }: Asked, hits: readonly Hit[], analyzer: Analyzer): Promise<Reading> {
  const terms = await ownTerms(analyzer, text);
  const hitTerms = await Promise.all(hits.map(async (hit) => new Set(await ownTerms(analyzer, hit.content))));
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
    weights,
    total: sumOf(weights.values()) || 1,
    pairs: pairsOf(terms),
    hitTerms,
  };
}

interface Candidate {
  readonly hit: Hit;
  /** From 1. */
  readonly passage: number;
  readonly kind: Sentence["kind"];
  /** Whether others have it as what introduces them. */
  readonly introduces: boolean;
  readonly text: string;
  /** "" where nothing introduces it. */
  readonly leadIn: string;
  readonly start: number;
  readonly end: number;
  readonly features: Features;
  readonly shared: number;
}

interface Scored extends Candidate {
  score: number;
}

/** Every sentence of the passages that are read, judged by its words alone; one that overlapping passages share counts once. */
async function candidatesOf(reading: Reading, hits: readonly Hit[], analyzer: Analyzer): Promise<Candidate[]> {
  const seen = new Set<string>();
  const read = await Promise.all(
    hits.slice(0, passagesRead).map(async (hit) => ({ hit, spans: await spansOf(hit, analyzer) })),
  );
  return read.flatMap(({ hit, spans }, rank) => {
    const inPassage = coverage(reading, reading.hitTerms[rank] ?? new Set());
    const introducing = new Set(spans.map(({ leadInAt }) => leadInAt));
    return spans.flatMap(({ start, end, kind, text, leadIn, leadInTerms, terms, own }, at) => {
      const key = `${hit.uri}#${hit.recordId ?? ""}\n${leadIn}\n${text}`;
      // It says nothing by itself, and is said with what it introduces.
      const introduces = introducing.has(start);
      if (kind === "heading" || (introduces && wordsIn(text) < wordsThatSay)) return [];
      if (seen.has(key) || asksBack(text, reading.text)) return [];
      seen.add(key);
      const shared = [...reading.weights.keys()].filter((term) => own.has(term)).length;
      const offered = offers(reading.wanted, text, reading.text);
      const features = {
        likeness: 0,
        coverage: coverage(reading, own),
        before: coverage(reading, without(leadInTerms ?? spans[at - 1]?.own, own)),
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
      return [{ hit, passage: rank + 1, kind, introduces, text, leadIn, start, end, features, shared }];
    });
  });
}

/** Words that a sentence has at least which introduces others and says something itself ("So:" and "To install it:" do not). */
const wordsThatSay = 8;

function wordsIn(text: string): number {
  return (text.match(/[\p{L}\p{N}_]+/gu) ?? []).length;
}

/** The sentences of a passage with their terms. */
async function spansOf(hit: Hit, analyzer: Analyzer) {
  return await Promise.all(
    sentencesOf(hit.content).map(async ({ start, end, kind, leadIn: above }) => {
      const text = hit.content.slice(start, end);
      const terms = await ownTerms(analyzer, text);
      const leadIn = above === undefined ? "" : hit.content.slice(above.start, above.end);
      const leadInTerms = above && new Set(await ownTerms(analyzer, leadIn));
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

function judge(reading: Reading, hits: readonly Hit[], candidates: readonly Scored[]): Judgement {
  const [best] = candidates;
  const [first] = hits;
  if (best === undefined || first === undefined) return noJudgement;
  const own = best.features;
  const other = hits.find((hit) => documentOf(hit) !== documentOf(first));
  const nearby = `${best.hit.title} ${best.hit.content}`.toLowerCase();
  const words = new Set(nearby.match(/[\p{L}\p{N}]+/gu) ?? []);
  const likenesses = hits.flatMap(({ rankings }) => rankings.vector?.score ?? []);
  const unfound = sumOf(
    [...reading.weights].flatMap(([term, weight]) => (reading.hitTerms.some((has) => has.has(term)) ? [] : [weight])),
  );
  return {
    best: best.score,
    likeness: own.likeness,
    passageCoverage: own.passageCoverage,
    greatestCoverage: Math.max(...candidates.map(({ features }) => features.passageCoverage)),
    passageLikeness: own.passageLikeness,
    greatestLikeness: Math.max(0, ...likenesses),
    namesLacking: 1 - shareOf(reading.names, words, 1),
    numbersLacking:
      [...reading.numbers].filter((number) => !nearby.includes(number)).length / (reading.numbers.size || 1),
    unfound: unfound / reading.total,
    shared: Math.max(...candidates.map(({ features }) => features.shared)),
    around: own.coverage + own.before + own.after,
    kindred: own.kindred,
    coverageTimesLikeness: own.coverage * own.likeness,
    kind: own.numberThere + own.dateThere + own.nameThere - own.numberLacking - own.dateLacking - own.nameLacking,
    ahead: first.score - (other?.score ?? 0),
    brevity: 1 / (reading.weights.size || 1),
    ...aheadOfOthers(hits, candidates),
    pairs: Math.max(...candidates.map(({ features }) => features.pairs)),
    complete: [...reading.weights.keys()].every((term) => reading.hitTerms[0]?.has(term)) ? 1 : 0,
    lacking: own.numberLacking + own.dateLacking + own.nameLacking + own.placeLacking,
    bias: 1,
  };
}

/** Hits whose mean tells what is usual. */
const usualHits = 10;

/** How far what is best stands out: where nothing answers, many are alike. */
function aheadOfOthers(hits: readonly Hit[], candidates: readonly Scored[]) {
  const descending = (numbers: readonly number[]) => numbers.toSorted((left, right) => right - left);
  const sentences = descending(candidates.map(({ features }) => features.likeness));
  const vector = descending(hits.flatMap(({ rankings }) => rankings.vector?.score ?? []));
  const keyword = descending(hits.flatMap(({ rankings }) => rankings.keyword?.score ?? []));
  const [alike = 0] = vector;
  const [telling = 0] = keyword;
  const above = alike - meanOf(vector);
  const deviation = Math.sqrt(meanOf(vector.map((score) => (score - meanOf(vector)) ** 2)));
  return {
    likenessLead: (sentences[0] ?? 0) - (sentences[2] ?? sentences.at(-1) ?? 0),
    likenessMean: meanOf(vector.slice(0, usualHits)),
    likenessAbove: above,
    likenessDeviations: deviation > 0 ? above / deviation : 0,
    keywordMean: telling > 0 ? meanOf(keyword.slice(0, usualHits)) / telling : 1,
  };
}

function meanOf(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : sumOf(numbers) / numbers.length;
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

/** Without the forms of other languages, which are marked (`de:haus`). */
async function ownTerms(analyzer: Analyzer, text: string): Promise<string[]> {
  return (await analyzer.terms(text)).filter((term) => !term.includes(":"));
}

function pairsOf(terms: readonly string[]): Set<string> {
  return new Set(terms.slice(1).map((term, at) => `${terms[at]} ${term}`));
}

function shareOf(wanted: ReadonlySet<string>, there: ReadonlySet<string>, ofNone = 0): number {
  return wanted.size === 0 ? ofNone : [...wanted].filter((one) => there.has(one)).length / wanted.size;
}

function without(terms: ReadonlySet<string> | undefined, known: ReadonlySet<string>): Set<string> {
  return new Set([...(terms ?? [])].filter((term) => !known.has(term)));
}

function documentOf({ uri, recordId }: Hit): string {
  return `${uri}#${recordId ?? ""}`;
}

function scoreOf({ kind, introduces, features }: Candidate, weights: EvidenceWeights): number {
  const behind = (kind === "code" ? codeBehind : 0) + (introduces ? introductionBehind : 0);
  return weighted(weights.sentences, features) - behind;
}

/** A sentence alone has lost what it is about: the title says it, and what introduces it. */
function embeddedOf({ hit: { title }, leadIn, text }: Candidate): string {
  const about = title === "" ? "" : `${title.slice(0, titleCharacters)}: `;
  return `${about}${leadIn === "" ? "" : `${leadIn.slice(0, leadInCharacters)} `}${text}`;
}

function weighted<Name extends string>(
  weights: Readonly<Partial<Record<Name, number>>>,
  features: Readonly<Record<Name, number>>,
): number {
  return sumOf((Object.keys(weights) as Name[]).map((name) => (weights[name] ?? 0) * features[name]));
}

function logistic(score: number): number {
  return 1 / (1 + Math.exp(-score));
}

function sumOf(numbers: Iterable<number>): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
}

async function embedAll(
  texts: readonly string[],
  embedder: Embedder,
  signal: AbortSignal | undefined,
): Promise<Float32Array[]> {
  const { maxBatch, maxConcurrency } = embedder.limits;
  const size = Math.min(maxBatch, Math.max(1, Math.ceil(texts.length / maxConcurrency)));
  const batches: Promise<Float32Array[]>[] = [];
  for (let from = 0; from < texts.length; from += size) {
    batches.push(embedder.embed(texts.slice(from, from + size), signal));
  }
  return (await Promise.all(batches)).flat();
}

/** Of unit vectors. */
function cosine(left: Float32Array, right: Float32Array): number {
  return left.reduce((sum, value, at) => sum + value * present(right[at], `dimension ${at}`), 0);
}
