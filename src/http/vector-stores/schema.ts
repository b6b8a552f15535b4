import * as z from "zod";
import { filterLimits } from "../../core/filter.ts";
import { queryLimits } from "../../core/retrieve.ts";
import { problemSchema } from "../schemas/problem.ts";
import { sourceSchema } from "../schemas/query.ts";

const { maxCharacters, maxPassages } = queryLimits;
const defaultResults = 10;
/** Queries of one request; each is a search. */
const maxQueries = 8;

const key = z.string({ error: "A filter's key must be text." }).meta({ description: "Of the documents' metadata." });
const scalar = z.union([z.string(), z.number(), z.boolean()]);

export const comparisonFilter = z
  .strictObject(
    {
      type: z.enum(["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"], {
        error: "A filter's type must be eq, in, gt, gte, lt, lte, and, or.",
      }),
      key,
      value: z.union([scalar, z.array(scalar).min(1).max(filterLimits.list)], {
        error: "A filter's value must be text, a number, true, false, or a list of them.",
      }),
    },
    { error: "A filter must be an object with `type`, `key` and `value`, or `type` and `filters`." },
  )
  .meta({
    description:
      "`eq` and `in` compare as text; `gt`, `gte`, `lt` and `lte` compare numbers or ISO dates, on keys declared in " +
      "`ISTHMUS_RANGE_KEYS`. `ne` and `nin` are refused.",
  });

export const compoundFilter = z
  .strictObject({
    type: z.enum(["and", "or"]),
    get filters(): z.ZodArray<typeof attributeFilter> {
      return z.array(attributeFilter, { error: "filters of a filter must be a list of filters." }).min(1);
    },
  })
  .meta({ description: "`and` of anything; `or` of `eq` and `in` on one key." });

export const attributeFilter = z.discriminatedUnion("type", [comparisonFilter, compoundFilter], {
  error: "A filter must be an object with `type`: eq, in, gt, gte, lt, lte, and, or.",
});

export type ComparisonFilter = z.output<typeof comparisonFilter>;
export type AttributeFilter = z.output<typeof attributeFilter>;

const query = z.string({ error: "query must be text, or a list of texts." });

/** The body that OpenAI's clients send. Its bounds are told here; `checkQuery` and the store hold them. */
export const vectorStoreSearchRequest = z.strictObject(
  {
    query: z
      .union([query, z.array(query).min(1).max(maxQueries)], {
        error: (issue) =>
          issue.input === undefined
            ? "query is missing: what to look for."
            : `query must be text, or a list of 1 to ${maxQueries} texts.`,
      })
      .meta({
        description: `In words, or as a question, 1 to ${maxCharacters.toLocaleString("en")} characters; or up to ${maxQueries} of them, whose results are joined.`,
      }),
    filters: attributeFilter.exactOptional(),
    max_num_results: z
      .int({ error: `max_num_results must be a whole number from 1 to ${maxPassages}.` })
      .min(1, { error: `max_num_results must be a whole number from 1 to ${maxPassages}.` })
      .max(maxPassages, { error: `max_num_results must be a whole number from 1 to ${maxPassages}.` })
      .default(defaultResults),
    ranking_options: z
      .strictObject(
        {
          ranker: z
            .string({ error: "ranking_options.ranker must be text." })
            .meta({ description: "Accepted, and without effect: there is one ranking." })
            .exactOptional(),
          score_threshold: z
            .number({ error: "ranking_options.score_threshold must be a number from 0 to 1." })
            .min(0, { error: "ranking_options.score_threshold must be a number from 0 to 1." })
            .max(1, { error: "ranking_options.score_threshold must be a number from 0 to 1." })
            .meta({ description: "Results below it are left out. Scores are shares of the best in each ranking." })
            .exactOptional(),
        },
        { error: "ranking_options must be an object with `ranker` or `score_threshold`." },
      )
      .exactOptional(),
    rewrite_query: z
      .boolean({ error: "rewrite_query must be true or false." })
      .meta({ description: "Accepted, and without effect: `search_query` shows what was searched for." })
      .exactOptional(),
  },
  { error: "The body must be a JSON object with at least a `query`." },
);

/** Its answer. */
export const vectorStoreSearchResponse = z.object({
  object: z.literal("vector_store.search_results.page"),
  search_query: z.array(z.string()).meta({ description: "As it was searched for." }),
  data: z
    .array(
      z.object({
        file_id: z.string().meta({ description: "The document's URI; with `#id` for a record of a larger file." }),
        filename: z.string(),
        score: z.number().meta({ description: "0 to 1; higher is better." }),
        attributes: z
          .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
          .meta({ description: "The document's metadata; lists as one text, joined by commas." }),
        content: z.array(z.object({ type: z.literal("text"), text: z.string() })),
        source: sourceSchema.meta({ description: "Not OpenAI's: the exact place, as in `QueryResponse`." }),
      }),
    )
    .meta({ description: "Best first; empty when nothing was found." }),
  has_more: z.literal(false),
  next_page: z.null(),
});

/** A problem whose `error` is the object that OpenAI's clients read. */
export const openAiProblem = problemSchema.extend({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string(),
  }),
});

export const vectorStoreExample = {
  request: {
    query: "How do I rotate the API key?",
    max_num_results: 1,
    filters: { type: "eq", key: "team", value: "platform" },
  },
  response: {
    object: "vector_store.search_results.page",
    search_query: ["How do I rotate the API key?"],
    data: [
      {
        file_id: "gs://handbook/security.md",
        filename: "security.md",
        score: 0.83,
        attributes: { team: "platform" },
        content: [
          {
            type: "text",
            text: "Two keys are valid during a rotation. Add the new one, deploy, then remove the old one.",
          },
        ],
        source: {
          uri: "gs://handbook/security.md",
          title: "Security",
          heading: "Keys > Rotation",
          start: 1840,
          end: 1927,
          version: "1714060800000000",
          ordinal: 6,
          metadata: { team: "platform" },
        },
      },
    ],
    has_more: false,
    next_page: null,
  },
};
