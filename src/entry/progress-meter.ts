import type { IngestEvent } from "../core/ingest-types.ts";

/** Bytes that a document may be read ahead of its embedding. */
const readAheadBytes = 2 ** 20;
/** No forecast before the first figures have settled. */
const settlingSeconds = 3;

export interface ProgressFigures {
  readonly phase: "listing" | "writing";
  /** Objects of the source. */
  readonly listed: number;
  /** Documents that are through, whatever became of them. */
  readonly done: number;
  readonly failed: number;
  readonly chunks: number;
  /** Since the listing ended. */
  readonly chunksPerSecond: number;
  readonly documentsPerSecond: number;
  /** Milliseconds that the rest will take, once that can be told. */
  readonly leftMs: number | undefined;
}

export interface ProgressMeter {
  onEvent(event: IngestEvent): void;
  figures(): ProgressFigures;
}

/** Counts along with a run, and tells how far it is. */
export function createProgressMeter(now: () => number = () => performance.now()): ProgressMeter {
  const started = now();
  let phase: "listing" | "writing" = "listing";
  let listed = 0;
  let listedBytes = 0;
  let done = 0;
  let doneBytes = 0;
  let failed = 0;
  let chunks = 0;
  let writingSince = started;
  const reading = new Map<string, number>();

  // A small document is read long before it is embedded, so it counts when it is through. A large one is read only as fast
  // as it is embedded, and what was read of it counts at once.
  const counted = (uri: string) => Math.max(0, (reading.get(uri) ?? 0) - readAheadBytes);
  const read = (uri: string, bytes: number) => {
    const before = counted(uri);
    reading.set(uri, (reading.get(uri) ?? 0) + bytes);
    doneBytes += counted(uri) - before;
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
            writingSince = now();
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
          if (event.outcome === "failed") failed++;
          doneBytes += event.bytes - counted(event.uri);
          reading.delete(event.uri);
          break;
      }
    },
    figures() {
      const seconds = Math.max(0.001, (now() - writingSince) / 1000);
      const known = doneBytes > 0 && seconds > settlingSeconds && done < listed;
      return {
        phase,
        listed,
        done,
        failed,
        chunks,
        chunksPerSecond: chunks / seconds,
        documentsPerSecond: done / seconds,
        leftMs: known ? Math.max(0, (listedBytes - doneBytes) / doneBytes) * seconds * 1000 : undefined,
      };
    },
  };
}
