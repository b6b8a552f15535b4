import type { Generator } from "../../core/ports.ts";

/** Sentences that an answer without a model has; they are whole sentences of the documents, so few say it. */
const sentencesWanted = 3;

/**
 * How far below the best sentence another may score to be said as well. The scores are logarithms of odds, so one that is 2 below is
 * seven times less likely to be what answers. On XQuAD it leaves half of the second and third sentences out, and of a hundred answers two
 * lose the sentence that had it (docs/adr/0019).
 */
const farthest = 2;

/** Answers in the documents' own words: the best sentences of the passages, by core's ranking. Nothing to install, nothing to pay. */
export function createExtractiveGenerator(): Generator {
  return {
    name: "extractive",
    limits: { maxPassageTokens: 1_000_000, maxOutputTokens: 1_000_000, maxConcurrency: 1_000 },
    async *generate({ evidence, maxSentences }, signal) {
      const least = (evidence[0]?.score ?? 0) - farthest;
      const said: string[] = [];
      const introduced = new Set<string>();
      for (const { passage, text, leadIn = "", score } of evidence) {
        if (score < least || said.length >= Math.min(sentencesWanted, maxSentences)) return;
        signal?.throwIfAborted();
        // Passages overlap, and where one was cut its last sentence is a part of the other's.
        const words = text.replace(/\s+/gu, " ");
        if (said.some((other) => other.includes(words) || words.includes(other))) continue;
        said.push(words);
        // A list is introduced once.
        const above =
          leadIn === "" || introduced.has(leadIn) || said.includes(leadIn.replace(/\s+/gu, " ")) ? [] : [leadIn];
        introduced.add(leadIn);
        const pieces = [...above, text];
        yield { kind: "sentence", text: pieces.join("\n"), quotes: pieces.map((piece) => ({ passage, text: piece })) };
      }
    },
    async close() {},
  };
}
