import * as z from "zod";

/** What a server's work has come to: all of it at once, so that whoever missed a change misses nothing. */
export interface ActivityState {
  readonly tasks: readonly ActivityTask[];
  /** Newest first, at most `recentKept`. */
  readonly recent: readonly RecentDocument[];
  /** Documents that came, changed, went or failed since the server began. */
  readonly changes: number;
}

export interface ActivityTask {
  readonly id: number;
  readonly kind: "scan" | "watch" | "request" | "elsewhere";
  /** Objects are being listed: `total` still grows. */
  readonly listing: boolean;
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  readonly documentsPerSecond: number;
  /** Once it can be told. */
  readonly leftMs?: number;
}

export interface RecentDocument {
  readonly uri: string;
  readonly outcome: "added" | "changed" | "removed" | "failed" | "skipped" | "empty";
  /** ISO 8601. */
  readonly at: string;
  readonly reason?: string;
}

export const recentKept = 20;

export interface ActivityFeed {
  state(): ActivityState;
  /** @param changed told after every change, however many there are. @returns ends it. */
  subscribe(changed: () => void): () => void;
}

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

export function activityBody({ tasks, recent, changes }: ActivityState) {
  return {
    tasks: tasks.map(({ documentsPerSecond, leftMs, ...rest }) => ({
      ...rest,
      documents_per_second: Math.round(documentsPerSecond * 10) / 10,
      ...(leftMs !== undefined && { left_ms: Math.round(leftMs) }),
    })),
    recent,
    changes,
  };
}
