import { asPassage, asQuestion } from "../core/embedding.ts";
import type { Embedder } from "../core/ports.ts";
import { checkTexts } from "./model-check-texts.ts";

/** What a model makes of a few questions in one language. */
export interface LanguageCheck {
  /** ISO 639-1. */
  readonly language: string;
  /** Share of the questions whose passage comes first among those of the language. */
  readonly first: number;
}

/** A model that puts no more than this share first in its best language was put together wrongly, or is no sentence model. */
export const leastFirst = 0.6;

/**
 * Asks a model eight questions in each of eight languages, each answered by one of eight passages in other words. It shows wrong
 * pooling, missing prefixes and languages that the model does not know; how well it finds in documents of your own is for
 * `isthmus eval` to say.
 */
export async function checkModel(embedder: Embedder, signal?: AbortSignal): Promise<LanguageCheck[]> {
  const checks: LanguageCheck[] = [];
  for (const [language, pairs] of Object.entries(checkTexts)) {
    const texts = pairs.flatMap(([question, passage]) => [
      asQuestion(embedder, question),
      asPassage(embedder, passage),
    ]);
    const vectors: Float32Array[] = [];
    for (let from = 0; from < texts.length; from += embedder.limits.maxBatch) {
      vectors.push(...(await embedder.embed(texts.slice(from, from + embedder.limits.maxBatch), signal)));
    }
    const questions = vectors.filter((_, at) => at % 2 === 0);
    const passages = vectors.filter((_, at) => at % 2 === 1);
    const first = questions.filter((question, at) => {
      const scores = passages.map((passage) => dot(question, passage));
      return scores.every((score, other) => other === at || score < (scores[at] ?? -1));
    });
    checks.push({ language, first: first.length / pairs.length });
  }
  return checks;
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}
