import { asPassage } from "../embedding.ts";
import { present } from "../errors.ts";
import type { Analyzer, Embedder } from "../ports.ts";
import type { Hit } from "../types.ts";
import { type Candidate, candidatesOf, innermost, readQuestion, type SentenceFeatures, sumOf } from "./candidates.ts";
import { type Judgement, judge } from "./judgement.ts";
import { asks } from "./sentences.ts";
import type { EvidenceSentence } from "./types.ts";
import { shippedWeights } from "./weights.ts";

/** Hits wanted of the search. */
export const hitsWanted = 30;
/** Sentences that are embedded for one question: each costs the embedder some milliseconds. */
const sentencesEmbedded = 12;
/** Letters of a heading or title before a sentence that is embedded, and of what introduces it. */
const titleCharacters = 80;
const leadInCharacters = 200;
/**
 * What code is behind: words that answer are better than a command that does, so it is said before them only where it is e^2, some seven times, as
 * likely. As far as a second sentence may be behind the first (`extractive.ts`).
 */
const codeBehind = 2;
/** What introduces others is behind as well, half as far: it says a half of what it means. */
const introductionBehind = 1;

/** So is a half of a sentence, which the edge of a passage cut. */
const tornBehind = 1;

export type SentenceFeature = keyof SentenceFeatures;
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
    readonly sentences: readonly (Readonly<SentenceFeatures> & { readonly text: string })[];
    readonly question: Readonly<Judgement>;
  };
}

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
  const reading = await readQuestion(question.text, hits, parts.analyzer);
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

function scoreOf({ kind, introduces, torn, features }: Candidate, weights: EvidenceWeights): number {
  const behind = (kind === "code" ? codeBehind : 0) + (introduces ? introductionBehind : 0) + (torn ? tornBehind : 0);
  return weighted(weights.sentences, features) - behind;
}

/** A sentence alone has lost what it is about: the question that it replies to says it, its heading or the title, and what introduces it. */
function embeddedOf({ hit: { title, heading }, leadIn, text }: Candidate): string {
  const name = asks(leadIn) ? "" : innermost(heading) || title;
  const about = name === "" ? "" : `${name.slice(0, titleCharacters)}: `;
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
