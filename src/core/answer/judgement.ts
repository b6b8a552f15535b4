import type { Hit } from "../types.ts";
import { type Candidate, type Reading, shareOf, sumOf } from "./candidates.ts";
import { hasIdentifier } from "./question.ts";

/** What is known of a question with its hits. */
export interface Judgement {
  /** The best sentence: its score, its cosine, the words of the question in its passage. */
  best: number;
  likeness: number;
  passageCoverage: number;
  greatestCoverage: number;
  passageLikeness: number;
  greatestLikeness: number;
  namesLacking: number;
  numbersLacking: number;
  /** Of the question's identifiers, those that the best sentence's passage lacks; 0 to 1. */
  identifiersLacking: number;
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
  identifiersLacking: 0,
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

/** A candidate with its score. */
export interface Scored extends Candidate {
  score: number;
}

/** @param candidates best first. */
export function judge(reading: Reading, hits: readonly Hit[], candidates: readonly Scored[]): Judgement {
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
    identifiersLacking:
      reading.identifiers.filter(
        (one) => !hasIdentifier(`${best.hit.title}\n${best.hit.heading}\n${best.hit.content}`, one),
      ).length / (reading.identifiers.length || 1),
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

function documentOf({ uri, recordId }: Hit): string {
  return `${uri}#${recordId ?? ""}`;
}
