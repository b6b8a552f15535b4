import * as z from "zod";
import { filterLimits } from "../../core/filter.ts";

/** A value of document metadata. */
export const metadataValue = z.union([z.string(), z.number(), z.boolean()], {
  error: "A metadata value must be text, a number, true or false.",
});

const bound = z
  .union([z.number(), z.string()], { error: "A bound of a range must be a number or an ISO date." })
  .exactOptional();

const propertyNames = { type: "string", maxLength: filterLimits.key } as const;

const conditionError = "A metadata condition must be text, a number, true or false, or a list of them.";

/** The filter grammar of `core/types.ts`. The bounds on its size are told here and held by core, for every door. */
export const filter = z
  .strictObject(
    {
      uri: z
        .string({ error: "filter.uri must be text: the start of a document's URI." })
        .meta({
          description: "Prefix of the document's URI.",
          maxLength: filterLimits.uri,
          examples: ["gs://my-bucket/manuals/"],
        })
        .exactOptional(),
      metadata: z
        .record(
          z.string(),
          z.union(
            [
              metadataValue,
              z
                .array(metadataValue)
                .meta({ description: "Any one of these matches.", minItems: 1, maxItems: filterLimits.list }),
            ],
            { error: conditionError },
          ),
          { error: "filter.metadata must be an object." },
        )
        .meta({
          description: "Values that must be equal to the document's, or to one of its list; compared as text.",
          maxProperties: filterLimits.keys,
          propertyNames,
        })
        .exactOptional(),
      range: z
        .record(
          z.string(),
          z.strictObject({ from: bound, to: bound }, { error: "A range must be an object with `from`, `to` or both." }),
          { error: "filter.range must be an object." },
        )
        .meta({
          description: "Bounds, both inclusive, on metadata keys declared in `ISTHMUS_RANGE_KEYS`.",
          maxProperties: filterLimits.keys,
          propertyNames,
        })
        .exactOptional(),
    },
    { error: "filter must be an object with `uri`, `metadata` or `range`." },
  )
  .meta({ description: "Conditions that a passage's document must meet; all of them." });
