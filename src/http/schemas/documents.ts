import * as z from "zod";

const limitError = "limit must be a whole number from 1 to 500.";

/** Query parameters of `GET /documents`; `limit` arrives as text and is a number by now. */
export const documentsRequest = z.strictObject({
  prefix: z
    .string()
    .max(4096, { error: "prefix may have at most 4,096 characters." })
    .default("")
    .meta({ description: "Only documents whose URI starts so." }),
  after: z
    .string()
    .max(8192, { error: "after may have at most 8,192 characters." })
    .exactOptional()
    .meta({ description: "The `next` of the page before." }),
  limit: z
    .int({ error: limitError })
    .min(1, { error: limitError })
    .max(500, { error: limitError })
    .default(100)
    .meta({ description: "Documents in one page." }),
});

const fault = z.object({ id: z.string(), code: z.string(), reason: z.string() });

/** What the manifest says of one document. */
export const documentSchema = z.object({
  uri: z.string(),
  title: z.string(),
  state: z.enum(["indexed", "failed", "skipped"]).meta({
    description: "Of the last attempt. A failed document may still be found by an older version, see `version`.",
  }),
  version: z.string().nullable().meta({ description: "The version that searches find; null where none is." }),
  size: z.int().nullable().meta({ description: "Bytes of that version." }),
  content_type: z.string().nullable(),
  generation: z.int().optional().meta({
    description: "Of that version: the bucket's own number; for a file, how many versions of it the index has seen.",
  }),
  reindexed: z
    .int()
    .optional()
    .meta({ description: "How often that version was indexed anew, for other readers or another model." }),
  updated_at: z.string().nullable().meta({ description: "Of the source object, ISO 8601." }),
  indexed_at: z.string().nullable().meta({ description: "When that version came into the index, ISO 8601." }),
  chunks: z.int().meta({ description: "Passages that searches can find." }),
  records: z.int().meta({ description: "Records in the file; 1 for ordinary documents." }),
  faults: z.object({ count: z.int(), first: z.array(fault) }).meta({
    description:
      "Records of the file that could not be used, and the first few by name; after these, uncounted, notes of how it was read (code content_note) and files inside it that are of no kind that is read (code content_skipped).",
  }),
  ingest_trace_id: z
    .string()
    .optional()
    .meta({ description: "Of the trace that brought this version into the index; absent where none was kept." }),
  error: z
    .object({ code: z.string(), reason: z.string(), version: z.string(), attempts: z.int(), at: z.string() })
    .optional()
    .meta({ description: "Why the last attempt did not succeed, and at which version." }),
});

/** Its answer. */
export const documentsResponse = z.object({
  documents: z.array(documentSchema),
  next: z.string().optional().meta({ description: "Pass it as `after` for the next page; absent on the last." }),
  may_write: z
    .literal(true)
    .optional()
    .meta({ description: "The caller may add documents here, have them read again, and delete them." }),
  trace_id: z.string(),
});
