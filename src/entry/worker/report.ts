import type { NotificationListener } from "../../compose/notifications.ts";
import type { FollowListener } from "../../core/ingest/follow.ts";
import type { JobLog } from "../job/log.ts";
import { count } from "../terminal/output.ts";

/** A line so often, if anything was done. */
const everyMs = 30_000;
/** Failures told one by one in that time; the index keeps all of them (`isthmus status --failed`). */
const failuresTold = 100;

export interface WorkerReport {
  readonly following: FollowListener;
  readonly notifications: NotificationListener;
  /** What was done since the worker began. */
  totals(): Readonly<Record<string, number>>;
  stop(): void;
}

/** Tells what the worker does, and keeps what it waits for in `waits`. */
export function createWorkerReport(log: JobLog, waits: Map<string, string>): WorkerReport {
  const totals = new Map<string, number>();
  let period = new Map<string, number>();
  let latencies: number[] = [];
  let told = 0;
  const add = (name: string, by = 1) => {
    for (const counts of [totals, period]) counts.set(name, (counts.get(name) ?? 0) + by);
  };
  const tell = () => {
    if (period.size === 0) return;
    const sorted = latencies.sort((a, b) => a - b);
    const done = [...period].map(([name, number]) => `${number} ${name}`).join(", ");
    log.write("INFO", `In the last ${everyMs / 1000} s: ${done}`, {
      ...Object.fromEntries(period),
      ...(sorted.length > 0 && {
        seconds_from_event_p50: seconds(sorted[Math.floor(sorted.length / 2)]),
        seconds_from_event_max: seconds(sorted.at(-1)),
      }),
    });
    period = new Map();
    latencies = [];
    told = 0;
  };
  const timer = setInterval(tell, everyMs);
  timer.unref();
  let trouble: string | undefined;
  return {
    following: {
      result({ uri, outcome, error }, changes) {
        add(outcome);
        for (const { at } of changes) latencies.push(Date.now() - Date.parse(at));
        if (error === undefined || outcome === "skipped" || told > failuresTold) return;
        const again = error.retryable ? "; it comes again" : "";
        const message =
          told++ < failuresTold ? `Failed: ${uri}: ${error.message}${again}` : "Further failures are not listed here.";
        log.write("WARNING", message, { uri, code: error.code });
      },
      refused(error, uris) {
        add("refused", uris.length);
        log.write("ERROR", `${count(uris.length, "change")} not carried out: ${error.message}`, { code: error.code });
      },
      paused(error, waitMs) {
        waits.set("store", error.message);
        log.write("ERROR", `${error.message} What is in hand waits; next try in ${Math.round(waitMs / 100) / 10} s.`, {
          code: error.code,
        });
      },
      resumed() {
        waits.delete("store");
        log.write("NOTICE", "It works again; what waited goes on.");
      },
    },
    notifications: {
      onIrrelevant: (why) => add(`irrelevant_${why}`),
      onConnected() {
        if (waits.delete("queue") && trouble !== undefined) log.write("NOTICE", "Pub/Sub answers again.");
        trouble = undefined;
      },
      onTrouble(error) {
        waits.set("queue", error.message);
        // A stream that cannot be opened is tried every half a minute.
        if (trouble !== error.message) log.write("WARNING", error.message, { code: error.code });
        trouble = error.message;
      },
    },
    totals: () => Object.fromEntries(totals),
    stop() {
      clearInterval(timer);
      tell();
    },
  };
}

function seconds(milliseconds: number | undefined): number {
  return Math.round((milliseconds ?? 0) / 10) / 100;
}
