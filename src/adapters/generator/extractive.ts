import type { Generator } from "../../core/ports.ts";

/** Sentences that an answer without a model has; they are whole sentences of the documents, so few say it. */
const sentencesWanted = 3;

/** Answers in the documents' own words: the best sentences of the passages, by core's ranking. Nothing to install, nothing to pay. */
export function createExtractiveGenerator(): Generator {
  return {
    name: "extractive",
    limits: { maxPassageTokens: 1_000_000, maxOutputTokens: 1_000_000, maxConcurrency: 1_000 },
    async *generate({ evidence, maxSentences }, signal) {
      for (const { passage, text } of evidence.slice(0, Math.min(sentencesWanted, maxSentences))) {
        signal?.throwIfAborted();
        yield { kind: "sentence", text, quotes: [{ passage, text }] };
      }
    },
    async close() {},
  };
}
