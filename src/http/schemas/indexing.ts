import * as z from "zod";
import type { RunFigures } from "../../core/ingest-types.ts";

/** How far a scan is that the answering server runs. */
export type Indexing = RunFigures;

export const indexingSchema = z
  .object({
    state: z.literal("indexing"),
    listing: z.boolean().meta({ description: "Documents are still being listed: `total` grows." }),
    done: z.int().meta({ description: "Documents that are through, whatever became of them." }),
    total: z.int(),
    failed: z.int(),
    documents_per_second: z.number(),
    left_ms: z.int().optional().meta({ description: "Milliseconds that the rest will take, once that can be told." }),
  })
  .meta({
    description: "Only while this server's own scan of its places runs: what is not through yet cannot be found.",
  });

export function indexingBody({ listing, done, total, failed, documentsPerSecond, leftMs }: Indexing) {
  return {
    state: "indexing" as const,
    listing,
    done,
    total,
    failed,
    documents_per_second: Math.round(documentsPerSecond * 10) / 10,
    ...(leftMs !== undefined && { left_ms: Math.round(leftMs) }),
  };
}
