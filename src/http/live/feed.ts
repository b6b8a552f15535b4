import type { RunFigures } from "../../core/ingest-types.ts";

/** What a server's work has come to: all of it at once, so that whoever missed a change misses nothing. */
export interface ActivityState {
  readonly tasks: readonly ActivityTask[];
  /** Newest first, at most `recentKept`. */
  readonly recent: readonly RecentDocument[];
  /** Documents that came, changed, went or failed since the server began. */
  readonly changes: number;
}

export interface ActivityTask extends RunFigures {
  readonly id: number;
  readonly kind: "scan" | "watch" | "request" | "elsewhere";
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
