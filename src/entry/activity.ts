import type { IngestEvent } from "../core/ingest-types.ts";
import type { Indexing } from "../http/schemas/indexing.ts";
import { createProgressMeter, type ProgressMeter } from "./progress-meter.ts";

/** What a server is indexing, for those whom it answers. */
export interface Activity {
  /** Undefined while no scan runs. */
  indexing(): Indexing | undefined;
  /** Begins a scan of one place after the other. */
  beginScan(): Scan;
}

export interface Scan {
  /** The next place; the one before is through. */
  place(): void;
  onEvent(event: IngestEvent): void;
  end(): void;
}

export function createActivity(): Activity {
  let running: { readonly through: ProgressMeter[]; current: ProgressMeter } | undefined;
  return {
    indexing() {
      if (running === undefined) return undefined;
      const current = running.current.figures();
      const sums = { done: current.done, total: current.listed, failed: current.failed };
      for (const { done, failed } of running.through.map((meter) => meter.figures())) {
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
    },
    beginScan() {
      const scan = { through: [] as ProgressMeter[], current: createProgressMeter(), begun: false };
      running = scan;
      return {
        place() {
          if (scan.begun) scan.through.push(scan.current);
          scan.begun = true;
          scan.current = createProgressMeter();
        },
        onEvent: (event) => scan.current.onEvent(event),
        end() {
          if (running === scan) running = undefined;
        },
      };
    },
  };
}
