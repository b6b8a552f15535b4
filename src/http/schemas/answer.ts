import * as z from "zod";
import { queryLimits } from "../../core/retrieve.ts";
import { filter } from "./filter.ts";
import { indexingSchema } from "./indexing.ts";
import { passageSchema, sourceSchema } from "./query.ts";

/** The body of `POST /answer`. The `error` texts are read by people; they name no value that was sent. */
export const answerRequest = z.strictObject(
  {
    question: z
      .string({
        error: (issue) =>
          issue.input === undefined ? "question is missing: what to answer." : "question must be text.",
      })
      .regex(/\S/u, { error: "question is empty. Give it 1 to 2,000 characters." })
      .max(queryLimits.maxCharacters, { error: "question may have at most 2,000 characters." })
      .meta({
        description: "In words, as a person asks. Its length is counted in UTF-16 code units.",
        minLength: 1,
        examples: ["How long are backups kept?"],
      }),
    filter: filter.exactOptional(),
  },
  { error: "The body must be a JSON object with at least a `question`." },
);

const count = z.int();
const sentenceSchema = z.object({
  text: z.string(),
  basis: z.enum(["quoted", "supported"]).meta({
    description:
      "`quoted`: the sentence itself stands in the document. `supported`: its quotes do, and carry its numbers and negations.",
  }),
  citations: z.array(z.int()).meta({ description: "Places in `citations`, from 0." }),
});

const citationSchema = z.object({
  quote: z.string().meta({ description: "Word for word as the document has it." }),
  passage: z.int().meta({ description: "Of `passages`, from 1." }),
  source: sourceSchema.meta({ description: "`start` and `end` are those of the quote." }),
});
const droppedSchema = z.object({ unquoted: count, unsupported: count, garbled: count, surplus: count });
const usageSchema = z.object({
  input_tokens: count,
  output_tokens: count,
  estimated: z
    .boolean()
    .optional()
    .meta({ description: "The provider did not tell; four characters count as a token." }),
  dollars: z.number().optional().meta({ description: "Where the model's price is known." }),
});

/** Its answer. */
export const answerResponse = z.object({
  answer: z.string().meta({ description: "The sentences in one; empty when it abstained." }),
  sentences: z.array(sentenceSchema),
  citations: z.array(citationSchema),
  abstained: z.boolean(),
  reason: z.enum(["nothing_found", "not_answerable", "nothing_verified"]).optional().meta({
    description: "Why it abstained.",
  }),
  answerability: z.number().meta({ description: "How likely the passages answer the question, 0 to 1." }),
  generator: z.string(),
  degraded: z.boolean().meta({
    description:
      "A language model is set, but the documents speak themselves (`generator` is `extractive`), or its answer is cut short.",
  }),
  degraded_reason: z.string().optional().meta({ description: "A code, such as `generator_unavailable`." }),
  dropped: droppedSchema.meta({ description: "Sentences that were left out, by reason." }),
  usage: usageSchema,
  passages: z.array(passageSchema).meta({ description: "What was read, best first; the nearest when it abstained." }),
  index: indexingSchema.optional(),
  took_ms: z.number(),
  trace_id: z.string(),
});

/** What the events of a streamed answer carry, and the parts of an answer by name. Made when it is asked for: only the OpenAPI document does. */
export function answerEvents() {
  const { answer: _, sentences: __, citations, passages, index, ...end } = answerResponse.shape;
  const { trace_id } = end;
  return {
    AnswerPassages: z.object({ passages, index, trace_id }),
    AnswerSentence: z.object({ text: z.string(), basis: sentenceSchema.shape.basis, citations }),
    AnswerDone: z.object(end),
    Citation: citationSchema,
    AnswerDropped: droppedSchema,
    AnswerUsage: usageSchema,
  };
}
