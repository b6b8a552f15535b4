import * as z from "zod";
import type { Explanation, HitExplanation } from "../../core/retrieve-types.ts";

const standing = z.object({ rank: z.int(), score: z.number() });
const rankings = z.object({ vector: standing.optional(), keyword: standing.optional() }).meta({
  description: "Rank, from 1, and score by vector (cosine) and by keyword (BM25); one that does not hold it is absent.",
});

const verdicts = [
  "found",
  "outranked",
  "far",
  "no_word",
  "filtered",
  "empty",
  "unknown",
  "deleted",
  "failed",
  "skipped",
] as const;

export const explanationSchema = z
  .object({
    results: z
      .array(
        z.object({
          rankings,
          words: z
            .array(z.object({ word: z.string(), weight: z.number() }))
            .optional()
            .meta({ description: "What each word of the query adds to the keyword score, heaviest first." }),
        }),
      )
      .meta({ description: "For each of `results`, in their order." }),
    words: z
      .array(z.object({ word: z.string(), terms: z.array(z.string()) }))
      .optional()
      .meta({
        description: "The words of the query and what they are looked for as; one that is passed over has no terms.",
      }),
    fusion: z
      .object({ vector: z.number(), keyword: z.number(), unfamiliar: z.number() })
      .optional()
      .meta({ description: "What each ranking weighs, and how little the model knows of the words, 0 to 1." }),
    turned_away: z
      .array(
        z.object({
          uri: z.string(),
          reason: z.enum(["uncommitted", "deleted", "superseded", "unsettled"]),
          passages: z.int(),
        }),
      )
      .meta({ description: "What the search met and the manifest did not let through." }),
    document: z
      .object({
        uri: z.string(),
        verdict: z.enum(verdicts),
        reason: z.string().meta({ description: "A sentence." }),
        best: z
          .object({ rank: z.int().optional(), score: z.number(), rankings, heading: z.string(), ordinal: z.int() })
          .optional()
          .meta({ description: "Its best passage; without a rank where it is not among the best 1,000." }),
      })
      .optional()
      .meta({ description: "What became of the document that `why` names." }),
  })
  .meta({ description: "Where `explain` or `why` asked for it." });

export function explanationBody({ hits, words, fusion, turnedAway, document }: Explanation) {
  return {
    results: hits.map(({ rankings: of, words: weights }: HitExplanation) => ({
      rankings: of,
      ...(weights && { words: weights }),
    })),
    ...(words && { words }),
    ...(fusion && { fusion }),
    turned_away: turnedAway,
    ...(document && { document }),
  };
}
