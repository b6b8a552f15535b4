import type { IngestEvent } from "../../core/ingest-types.ts";
import { createProgressMeter } from "../progress-meter.ts";
import { count, duration, grouped } from "../terminal/output.ts";
import type { JobLog } from "./log.ts";

const everyMs = 5000;
/** Failures told one by one; the index keeps all of them (`isthmus status --failed`). */
const failuresTold = 100;

export interface JobProgress {
  onEvent(event: IngestEvent): void;
  stop(): void;
}

/** Files inside others that are passed over, told one by one likewise. */
const passedOverTold = 100;

/** One line every five seconds, whether anything moves or not, and one for each failure. */
export function createJobProgress(log: JobLog): JobProgress {
  const meter = createProgressMeter();
  let told = 0;
  let passedOver = 0;
  const timer = setInterval(() => {
    const { phase, listed, done, failed, chunks, chunksPerSecond, documentsPerSecond, leftMs } = meter.figures();
    if (phase === "listing") {
      log.write("INFO", `Looking for documents: ${count(listed, "object")} found`, { phase, objects: listed });
      return;
    }
    const left = leftMs === undefined ? "" : `, ${duration(leftMs)} left`;
    const rate = `${rounded(chunksPerSecond)} chunks/s`;
    log.write(
      "INFO",
      `${grouped(done)} of ${count(listed, "document")}, ${count(chunks, "chunk")}, ${rate}, ${failed} failed${left}`,
      {
        phase,
        documents: done,
        documents_total: listed,
        chunks,
        failed,
        documents_per_second: rounded(documentsPerSecond),
        chunks_per_second: rounded(chunksPerSecond),
        ...(leftMs !== undefined && { seconds_left: Math.round(leftMs / 1000) }),
      },
    );
  }, everyMs);
  timer.unref();

  function tell(message: string, fields: Readonly<Record<string, unknown>>): void {
    told++;
    if (told <= failuresTold) log.write("WARNING", message, fields);
    if (told === failuresTold) log.write("WARNING", "Further failures are not listed here.");
  }

  return {
    onEvent(event) {
      meter.onEvent(event);
      if (event.kind === "document" && event.error !== undefined && event.outcome !== "skipped") {
        const { uri, error, outcome } = event;
        tell(`${outcome === "empty" ? "Nothing to find" : "Failed"}: ${uri}: ${error.message}`, {
          uri,
          code: error.code,
        });
      }
      if (event.kind === "passed-over") {
        passedOver++;
        const { uri, id, code, reason } = event;
        if (passedOver <= passedOverTold) {
          log.write("INFO", `Passed over: ${uri}#${id}: ${reason}`, { uri, part: id, code });
        }
        if (passedOver === passedOverTold) log.write("INFO", "Further files that are passed over are not listed here.");
      }
      if (event.kind === "fault") {
        const { uri, id, code, reason } = event;
        tell(`Bad record: ${uri}#${id}: ${reason}`, { uri, record: id, code });
      }
    },
    stop: () => clearInterval(timer),
  };
}

function rounded(rate: number): number {
  return Math.round(rate * 10) / 10;
}
