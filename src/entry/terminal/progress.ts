import type { IngestEvent } from "../../core/ingest-types.ts";
import { count, duration, type Output, readable, visible } from "./output.ts";

const liveEveryMs = 100;
const plainEveryMs = 5000;
/** Bytes that a document may be read ahead of its embedding. */
const readAheadBytes = 2 ** 20;
/** No forecast before the first figures have settled. */
const settlingSeconds = 3;
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
  const started = performance.now();
  let phase: "listing" | "writing" | "asking" = "listing";
  let asked = { done: 0, total: 0 };
  let listed = 0;
  let listedBytes = 0;
  let done = 0;
  let doneBytes = 0;
  const reading = new Map<string, number>();
  let chunks = 0;
  let failures = 0;
  let writingSince = started;
  let shownAt = started;

  // A small document is read long before it is embedded, so it counts when it is through. A large one is read only as fast
  // as it is embedded, and what was read of it counts at once.
  const counted = (uri: string) => Math.max(0, (reading.get(uri) ?? 0) - readAheadBytes);
  const read = (uri: string, bytes: number) => {
    const before = counted(uri);
    reading.set(uri, (reading.get(uri) ?? 0) + bytes);
    doneBytes += counted(uri) - before;
  };
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
    if (phase === "listing") return `Looking for documents: ${count(listed, "object")} found`;
    if (phase === "asking") return `Asking: ${asked.done.toLocaleString("en")} of ${count(asked.total, "question")}`;
    const seconds = Math.max(0.001, (performance.now() - writingSince) / 1000);
    const left =
      doneBytes > 0 && seconds > settlingSeconds ? ((listedBytes - doneBytes) / doneBytes) * seconds * 1000 : undefined;
    const rate = `${(chunks / seconds).toFixed(chunks / seconds < 10 ? 1 : 0)} chunks/s`;
    const eta = left === undefined || done >= listed ? "" : `, ${duration(left)} left`;
    return `Indexed ${done.toLocaleString("en")} of ${count(listed, "document")}, ${count(chunks, "chunk")}, ${rate}${eta}`;
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
      switch (event.kind) {
        case "listing":
        case "listed":
          listed = event.objects;
          listedBytes = event.bytes;
          if (event.kind === "listed") {
            phase = "writing";
            writingSince = performance.now();
          }
          break;
        case "read":
          read(event.uri, event.bytes);
          break;
        case "chunks":
          chunks += event.chunks;
          break;
        case "document":
          if (event.outcome !== "removed") done++;
          doneBytes += event.bytes - counted(event.uri);
          reading.delete(event.uri);
          if (event.outcome === "failed") {
            told(`failed: ${readable(event.uri)}: ${visible(event.error?.message ?? "unknown")}`);
          }
          break;
        case "fault":
          told(`bad record: ${readable(event.uri)}#${visible(event.id)}: ${visible(event.reason)}`);
          break;
      }
      show();
    },
    onQueries(done, total) {
      phase = "asking";
      asked = { done, total };
      show();
    },
    stop: clear,
  };
}
