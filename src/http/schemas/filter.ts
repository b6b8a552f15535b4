import * as z from "zod";

/** A value of document metadata. */
export const metadataValue = z.union([z.string(), z.number(), z.boolean()], {
  error: "A metadata value must be text, a number, true or false.",
});

const bound = z
  .union([z.number(), z.string()], { error: "A bound of a range must be a number or an ISO date." })
  .exactOptional();

const key = z.string().max(200);

const recordError = (sentence: string) => (issue: { readonly code: string }) =>
  issue.code === "invalid_key" ? "A metadata key may have at most 200 characters." : sentence;

const fewKeys = <Value>(record: Readonly<Record<string, Value>>) => Object.keys(record).length <= 32;

const conditionError = "A metadata condition must be text, a number, true or false, or a list of 1 to 1,000 of them.";

/** The filter grammar of `core/types.ts`, with bounds on its size. */
export const filter = z
  .strictObject(
    {
      uri: z
        .string({ error: "filter.uri must be text: the start of a document's URI." })
        .max(4096, { error: "filter.uri may have at most 4,096 characters." })
        .meta({ description: "Prefix of the document's URI.", examples: ["gs://my-bucket/manuals/"] })
        .exactOptional(),
      metadata: z
        .record(
          key,
          z.union(
            [
              metadataValue,
              z
                .array(metadataValue)
                .min(1, { error: conditionError })
                .max(1000, { error: conditionError })
                .meta({ description: "Any one of these matches." }),
            ],
            { error: conditionError },
          ),
          { error: recordError("filter.metadata must be an object.") },
        )
        .refine(fewKeys, { error: "filter.metadata may have at most 32 keys." })
        .meta({
          description: "Values that must be equal to the document's, or to one of its list; compared as text.",
          maxProperties: 32,
        })
        .exactOptional(),
      range: z
        .record(
          key,
          z.strictObject({ from: bound, to: bound }, { error: "A range must be an object with `from`, `to` or both." }),
          { error: recordError("filter.range must be an object.") },
        )
        .refine(fewKeys, { error: "filter.range may have at most 32 keys." })
        .meta({
          description: "Bounds, both inclusive, on metadata keys declared in `ISTHMUS_RANGE_KEYS`.",
          maxProperties: 32,
        })
        .exactOptional(),
    },
    { error: "filter must be an object with `uri`, `metadata` or `range`." },
  )
  .meta({ description: "Conditions that a passage's document must meet; all of them." });
