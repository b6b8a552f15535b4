import * as z from "zod";
import { type DocumentPart, documentLimits } from "../../core/document.ts";
import { documentSchema } from "./documents.ts";
import { metadataValue } from "./filter.ts";

const { defaultPassages, maxPassages } = documentLimits;
const limitError = `limit must be a whole number from 1 to ${maxPassages}.`;
const fromError = "from must be a whole number: the ordinal of the first passage.";

/** Query parameters of `GET /document`; numbers arrive as text and are numbers by now. */
export const documentRequest = z.strictObject({
  uri: z
    .string({ error: "uri is missing: the URI of a document, as the index has it." })
    .min(1, { error: "uri is empty: give the URI of a document, as the index has it." })
    .max(4096, { error: "uri may have at most 4,096 characters." })
    .meta({ description: "Of the document; of a record, the URI of its file, without `#id`." }),
  from: z
    .int({ error: fromError })
    .min(0, { error: fromError })
    .default(0)
    .meta({ description: "The ordinal of the first passage of the page." }),
  limit: z
    .int({ error: limitError })
    .min(1, { error: limitError })
    .max(maxPassages, { error: limitError })
    .default(defaultPassages)
    .meta({ description: "Passages in one page." }),
});

/** Its answer. */
export const documentResponse = z.object({
  document: documentSchema,
  parts: z
    .array(
      z.object({
        uri: z.string().meta({ description: "What it is cited by; with `#id` for a record of a file of many." }),
        title: z.string(),
        metadata: z.record(z.string(), z.union([metadataValue, z.array(metadataValue)])),
        start: z.int().meta({ description: "Of `text` in the parsed text of the document, in UTF-16 code units." }),
        end: z.int(),
        text: z.string().meta({
          description:
            "Joined from the passages: `text.slice(passage.start - start, passage.end - start)` is one of them.",
        }),
        passages: z.array(z.object({ ordinal: z.int(), heading: z.string(), start: z.int(), end: z.int() })),
      }),
    )
    .meta({ description: "In order. One for an ordinary document, one for each record of a file of many." }),
  next: z.int().optional().meta({ description: "Pass it as `from` for the next page; absent on the last." }),
  trace_id: z.string(),
});

export function partBody({ uri, title, metadata, start, end, text, passages }: DocumentPart) {
  return { uri, title, metadata, start, end, text, passages };
}
