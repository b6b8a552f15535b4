import type { IngestEvent } from "../../core/ingest-types.ts";
import { createProgressMeter } from "../progress-meter.ts";
import { count, duration, grouped, type Output, readable, visible } from "./output.ts";

const liveEveryMs = 100;
const plainEveryMs = 5000;
/** Failures told one by one; with more of them `isthmus status` is the place to look. */
const failuresTold = 20;

export interface Progress {
  onEvent(event: IngestEvent): void;
  /** Queries of an evaluation. */
  onQueries(done: number, total: number): void;
  /** Clears the live line; call before writing anything else, and at the end. */
  stop(): void;
}

/**
 * One live line on a terminal, a plain line every five seconds where the output is piped, on stderr either way. Failures
 * and bad records are told as they come.
 */
export function createProgress(output: Output): Progress {
  const live = process.stderr.isTTY === true;
  const meter = createProgressMeter();
  let asked: { readonly done: number; readonly total: number } | undefined;
  let failures = 0;
  let shownAt = performance.now();

  const clear = () => {
    if (live) process.stderr.write("\r\x1b[2K");
  };
  const told = (text: string) => {
    failures++;
    if (failures > failuresTold) return;
    clear();
    output.note(text);
    if (failures === failuresTold) output.note("Further failures are not listed here; see `isthmus status --failed`.");
  };
  const text = () => {
    if (asked !== undefined) return `Asking: ${grouped(asked.done)} of ${count(asked.total, "question")}`;
    const { phase, listed, done, chunks, chunksPerSecond, leftMs } = meter.figures();
    if (phase === "listing") return `Looking for documents: ${count(listed, "object")} found`;
    const rate = `${chunksPerSecond.toFixed(chunksPerSecond < 10 ? 1 : 0)} chunks/s`;
    const left = leftMs === undefined ? "" : `, ${duration(leftMs)} left`;
    return `Indexed ${grouped(done)} of ${count(listed, "document")}, ${count(chunks, "chunk")}, ${rate}${left}`;
  };
  const show = (force = false) => {
    const now = performance.now();
    if (!force && now - shownAt < (live ? liveEveryMs : plainEveryMs)) return;
    shownAt = now;
    if (live) process.stderr.write(`\r\x1b[2K${text().slice(0, (process.stderr.columns || 80) - 1)}`);
    else output.note(text());
  };

  return {
    onEvent(event) {
      meter.onEvent(event);
      if (event.kind === "document" && event.error !== undefined && event.outcome !== "skipped") {
        const what = event.outcome === "empty" ? "nothing to find" : "failed";
        told(`${what}: ${readable(event.uri)}: ${visible(event.error.message)}`);
      }
      if (event.kind === "fault") {
        const what = event.code === "content_lost" ? "lost" : "bad record";
        told(`${what}: ${readable(event.uri)}#${visible(event.id)}: ${visible(event.reason)}`);
      }
      show();
    },
    onQueries(done, total) {
      asked = { done, total };
      show();
    },
    stop: clear,
  };
}
