import { asPassage } from "../embedding.ts";
import { present } from "../errors.ts";
import type { Analyzer, Embedder } from "../ports.ts";
import type { Hit } from "../types.ts";
import { sentencesOf } from "./sentences.ts";
import type { EvidenceSentence } from "./types.ts";

/** Sentences that are embedded for one question: each costs the embedder some milliseconds. */
const embedded = 12;

export interface Evidence {
  /** Best first. */
  readonly sentences: readonly EvidenceSentence[];
  /** How likely the passages answer the question, 0 to 1. */
  readonly answerability: number;
}

/** Ranks the sentences of the passages that were found by how well they answer. */
export async function weighEvidence(
  question: { readonly text: string; readonly vector: Float32Array },
  hits: readonly Hit[],
  parts: { readonly embedder: Embedder; readonly analyzer: Analyzer },
  signal?: AbortSignal,
): Promise<Evidence> {
  const asked = new Set(parts.analyzer.terms(question.text));
  const candidates = hits
    .flatMap((hit, at) =>
      sentencesOf(hit.content).map(({ start, end }) => {
        const text = hit.content.slice(start, end);
        const shared = new Set(parts.analyzer.terms(text).filter((term) => asked.has(term))).size;
        const words = asked.size === 0 ? 0 : shared / asked.size;
        return { passage: at + 1, text, start, end, words, first: words + hit.score };
      }),
    )
    .sort((a, b) => b.first - a.first)
    .slice(0, embedded);
  const vectors = await embedAll(
    candidates.map(({ text }) => text),
    parts.embedder,
    signal,
  );
  const sentences = candidates
    .map(({ passage, text, start, end, words }, at) => {
      const score = 0.7 * cosine(question.vector, present(vectors[at], `the vector of sentence ${at}`)) + 0.3 * words;
      return { passage, text, start, end, score };
    })
    .sort((a, b) => b.score - a.score);
  return { sentences, answerability: Math.min(1, Math.max(0, sentences[0]?.score ?? 0)) };
}

async function embedAll(
  texts: readonly string[],
  embedder: Embedder,
  signal: AbortSignal | undefined,
): Promise<Float32Array[]> {
  const passages = texts.map((text) => asPassage(embedder, text));
  const batches: Promise<Float32Array[]>[] = [];
  for (let from = 0; from < texts.length; from += embedder.limits.maxBatch) {
    batches.push(embedder.embed(passages.slice(from, from + embedder.limits.maxBatch), signal));
  }
  return (await Promise.all(batches)).flat();
}

/** Of unit vectors. */
function cosine(left: Float32Array, right: Float32Array): number {
  return left.reduce((sum, value, at) => sum + value * present(right[at], `dimension ${at}`), 0);
}
