import type { IngestEvent, IngestSummary, Outcome } from "../ingest-types.ts";

/** Counts what a run does, from the very events it tells. */
export function createTally(onEvent: ((event: IngestEvent) => void) | undefined) {
  const outcomes: Record<Outcome, number> = {
    added: 0,
    changed: 0,
    unchanged: 0,
    removed: 0,
    failed: 0,
    skipped: 0,
    empty: 0,
  };
  let faults = 0;
  let passedOver = 0;
  let chunks = 0;
  let embedded = 0;
  const started = performance.now();
  return {
    emit(event: IngestEvent): void {
      if (event.kind === "document") {
        outcomes[event.outcome]++;
        faults += event.faults ?? 0;
      }
      if (event.kind === "fault") faults++;
      if (event.kind === "passed-over") passedOver++;
      if (event.kind === "chunks") {
        chunks += event.chunks;
        embedded += event.embedded;
      }
      onEvent?.(event);
    },
    summary(interrupted: boolean): IngestSummary {
      return { ...outcomes, faults, passedOver, chunks, embedded, tookMs: performance.now() - started, interrupted };
    },
  };
}
