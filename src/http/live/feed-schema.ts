import * as z from "zod";
import { recentKept } from "./feed.ts";

const task = z.object({
  id: z.int(),
  kind: z.enum(["scan", "watch", "request", "elsewhere"]).meta({
    description:
      "`scan`: of the places at the start; `watch`: of changes in a watched place; `request`: what was asked for over HTTP; `elsewhere`: of another process with the same data folder and index.",
  }),
  listing: z.boolean().meta({ description: "Documents are still being listed: `total` grows." }),
  done: z.int(),
  total: z.int(),
  failed: z.int(),
  documents_per_second: z.number(),
  left_ms: z.int().optional().meta({ description: "Milliseconds that the rest will take, once that can be told." }),
});

/** The data of the event `state`. */
export const activitySchema = z.object({
  tasks: z.array(task).meta({ description: "What runs now; empty while nothing does." }),
  recent: z
    .array(
      z.object({
        uri: z.string(),
        outcome: z.enum(["added", "changed", "removed", "failed", "skipped", "empty"]),
        at: z.string(),
        reason: z.string().optional(),
      }),
    )
    .meta({ description: `The last ${recentKept} documents that something became of, newest first.` }),
  changes: z.int().meta({ description: "Counts them: as long as it stays the same, so does the list of documents." }),
});
