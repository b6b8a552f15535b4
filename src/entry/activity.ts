import type { IngestEvent, RunFigures } from "../core/ingest-types.ts";
import {
  type ActivityFeed,
  type ActivityState,
  type ActivityTask,
  type RecentDocument,
  recentKept,
} from "../http/live/feed.ts";
import type { Indexing } from "../http/schemas/indexing.ts";
import { createProgressMeter, type ProgressMeter } from "./progress-meter.ts";

/** What a server is indexing, for those whom it answers. */
export interface Activity {
  /** Undefined while no scan runs. */
  indexing(): Indexing | undefined;
  /** Begins a scan of one place after the other. */
  beginScan(): Scan;
  /** Begins work on so many documents that are known; without their number, on a place that is to be listed. */
  begin(kind: "watch" | "request", documents?: number): GrowingWork;
  /** What other processes are indexing now. */
  elsewhere(runs: readonly { readonly process: number; readonly figures: RunFigures }[]): void;
  /** All of it, for those who follow. */
  readonly feed: ActivityFeed;
}

export interface Work {
  onEvent(event: IngestEvent): void;
  end(): void;
}

interface GrowingWork extends Work {
  /** There are so many documents now. */
  grow(documents: number): void;
}

export interface Scan extends Work {
  /** The next place; the one before is through. */
  place(): void;
}

export function createActivity(): Activity {
  const tasks = new Map<number, { readonly kind: ActivityTask["kind"]; readonly figures: () => RunFigures }>();
  const listeners = new Set<() => void>();
  const others = new Map<number, { figures: RunFigures; end: () => void }>();
  let recent: readonly RecentDocument[] = [];
  let changes = 0;
  let last = 0;
  let scanning: number | undefined;
  const tell = () => {
    for (const changed of listeners) changed();
  };
  const note = (event: IngestEvent) => {
    if (event.kind === "document" && event.outcome !== "unchanged") {
      const { uri, outcome, error } = event;
      const at = new Date().toISOString();
      recent = [{ uri, outcome, at, ...(error && { reason: error.message }) }, ...recent].slice(0, recentKept);
      changes++;
    }
    tell();
  };
  const add = (kind: ActivityTask["kind"], figures: () => RunFigures) => {
    const id = ++last;
    tasks.set(id, { kind, figures });
    tell();
    return {
      id,
      end() {
        if (tasks.delete(id)) tell();
      },
    };
  };

  return {
    indexing: () => (scanning === undefined ? undefined : tasks.get(scanning)?.figures()),
    beginScan() {
      const scan = { through: [] as ProgressMeter[], current: createProgressMeter(), begun: false };
      const { id, end } = add("scan", () => sumOf(scan.through, scan.current));
      scanning = id;
      return {
        place() {
          if (scan.begun) scan.through.push(scan.current);
          scan.begun = true;
          scan.current = createProgressMeter();
        },
        onEvent(event) {
          scan.current.onEvent(event);
          note(event);
        },
        end() {
          if (scanning === id) scanning = undefined;
          end();
        },
      };
    },
    begin(kind, documents) {
      const meter = createProgressMeter();
      if (documents !== undefined) meter.onEvent({ kind: "listed", objects: documents, bytes: 0 });
      const { end } = add(kind, () => (documents === undefined ? sumOf([], meter) : knownOf(meter)));
      return {
        onEvent(event) {
          meter.onEvent(event);
          note(event);
        },
        grow(objects) {
          meter.onEvent({ kind: "listing", objects, bytes: 0 });
          tell();
        },
        end,
      };
    },
    elsewhere(runs) {
      const gone = [...others].filter(([process]) => runs.every((run) => run.process !== process));
      for (const [process, other] of gone) {
        others.delete(process);
        // What it did last.
        changes++;
        other.end();
      }
      for (const { process, figures } of runs) {
        const known = others.get(process);
        if (known === undefined) {
          const other = { figures, end: () => {} };
          others.set(process, other);
          other.end = add("elsewhere", () => other.figures).end;
        } else if (JSON.stringify(known.figures) !== JSON.stringify(figures)) {
          if (figures.done > known.figures.done) changes += figures.done - known.figures.done;
          known.figures = figures;
          tell();
        }
      }
    },
    feed: {
      state: (): ActivityState => ({
        tasks: Array.from(tasks, ([id, { kind, figures }]) => ({ id, kind, ...figures() })),
        recent,
        changes,
      }),
      subscribe(changed) {
        listeners.add(changed);
        return () => void listeners.delete(changed);
      },
    },
  };
}

/** Of one place after the other. */
function sumOf(through: readonly ProgressMeter[], meter: ProgressMeter): RunFigures {
  const current = meter.figures();
  const sums = { done: current.done, total: current.listed, failed: current.failed };
  for (const { done, failed } of through.map((each) => each.figures())) {
    sums.done += done;
    sums.total += done;
    sums.failed += failed;
  }
  const { documentsPerSecond, leftMs } = current;
  // A document that vanished was listed, and one may come that was not.
  const total = Math.max(sums.total, sums.done);
  return {
    ...sums,
    total,
    listing: current.phase === "listing",
    documentsPerSecond,
    ...(leftMs !== undefined && { leftMs }),
  };
}

/** Of documents whose sizes nobody knows: each counts as one. */
function knownOf(meter: ProgressMeter): RunFigures {
  const { done, listed, failed, documentsPerSecond } = meter.figures();
  const left = listed - done;
  const known = done > 0 && left > 0;
  return {
    done,
    total: Math.max(listed, done),
    failed,
    listing: false,
    documentsPerSecond,
    ...(known && { leftMs: (left / documentsPerSecond) * 1000 }),
  };
}
