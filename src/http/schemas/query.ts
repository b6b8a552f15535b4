import * as z from "zod";
import { filterLimits } from "../../core/filter.ts";
import { queryLimits } from "../../core/retrieve.ts";
import { explanationSchema } from "./explanation.ts";
import { filter, metadataValue } from "./filter.ts";
import { indexingSchema } from "./indexing.ts";

const { defaultPassages, maxCharacters, maxPassages } = queryLimits;

/**
 * The body of `POST /query`: its types. Its bounds are told here and held by `checkQuery`, for every door. The `error` texts are
 * read by people; they name no value that was sent.
 */
export const queryRequest = z.strictObject(
  {
    query: z
      .string({
        error: (issue) => (issue.input === undefined ? "query is missing: what to look for." : "query must be text."),
      })
      .meta({
        description: "What to look for, in words or as a question. Its length is counted in UTF-16 code units.",
        minLength: 1,
        maxLength: maxCharacters,
        examples: ["How do I rotate the API key?"],
      }),
    k: z
      .number({ error: `k must be a whole number from 1 to ${maxPassages}.` })
      .default(defaultPassages)
      .meta({ description: "Passages wanted.", type: "integer", minimum: 1, maximum: maxPassages }),
    mode: z
      .enum(["hybrid", "vector", "keyword"], { error: 'mode must be "hybrid", "vector" or "keyword".' })
      .default("hybrid")
      .meta({ description: "By meaning and words together, by meaning alone, or by words alone." }),
    filter: filter.exactOptional(),
    explain: z
      .boolean({ error: "explain must be true or false." })
      .meta({ description: "Tell what the score of each result is made of. Costs some searches more." })
      .exactOptional(),
    why: z
      .string({ error: "why must be text: the URI of a document." })
      .meta({
        description: "The URI of a document: why it is, or is not, among the results. Implies `explain`.",
        minLength: 1,
        maxLength: filterLimits.uri,
      })
      .exactOptional(),
  },
  { error: "The body must be a JSON object with at least a `query`." },
);

export const sourceSchema = z.object({
  uri: z.string().meta({ description: "Of the document; with `#id` for a record of a larger file." }),
  title: z.string(),
  heading: z.string().meta({ description: 'The headings above the passage, joined by " > "; may be empty.' }),
  start: z.int().meta({ description: "Offset of the passage in the parsed text, in UTF-16 code units." }),
  end: z.int().meta({ description: "Offset of its end." }),
  version: z.string().meta({ description: "Of the document, as its source names it." }),
  ordinal: z
    .int()
    .meta({ description: "Position among the passages of its file, from 0: `GET /document` opens there." }),
  metadata: z.record(z.string(), z.union([metadataValue, z.array(metadataValue)])),
});

/** A passage, in every answer that has some. */
export const passageSchema = z.object({
  content: z.string().meta({ description: "The passage, word for word." }),
  source: sourceSchema,
  score: z.number().meta({
    description: "Higher is better. Comparable within one answer, not between modes.",
  }),
});

/** Its answer. */
export const queryResponse = z.object({
  results: z.array(passageSchema).meta({ description: "Best first; empty when nothing was found." }),
  explanation: explanationSchema.optional(),
  index: indexingSchema.optional(),
  took_ms: z.number().meta({ description: "Milliseconds spent on embedding and searching." }),
  trace_id: z.string().meta({ description: "Names this request in the server's log and traces." }),
});
