import { type Resource, traceRequest } from "./otlp.ts";
import type { Sender } from "./sender.ts";
import type { SpanData } from "./span.ts";

/** Keeps ended spans until they are sent. It never waits, never throws and never grows past its bound. */
export interface Exporter {
  add(span: SpanData): void;
  /** Sends what is there now. Resolves when it was taken, or when the collector is left alone. */
  flush(): Promise<void>;
  /** Spans that were never sent: the queue was full, or the collector did not take them. */
  readonly dropped: number;
  /** Spans that were taken. */
  readonly sent: number;
  readonly waiting: number;
  close(): Promise<void>;
}

/** Spans that wait at most: some 2 MB. */
const mostWaiting = 4_096;
/** Spans of one request. */
const perRequest = 512;

/** @param everyMs between requests of its own; 0 where somebody else calls `flush`. */
export function createExporter(sender: Sender, resource: Resource, everyMs: number): Exporter {
  let queue: SpanData[] = [];
  let dropped = 0;
  let sent = 0;
  let flushing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  /** Spans that were there when somebody asked for them to be sent. */
  let owed = 0;

  /** What is owed, and beyond that whole batches: one request for each span or two would cost more than the spans. */
  async function sendAll(): Promise<void> {
    while (queue.length > 0 && (owed > 0 || queue.length >= perRequest) && sender.willing) {
      const batch = queue.slice(0, perRequest);
      queue = queue.slice(perRequest);
      owed -= batch.length;
      if (await sender.send(traceRequest(resource, batch))) sent += batch.length;
      else dropped += batch.length;
    }
  }

  function begin(): Promise<void> {
    flushing ??= sendAll().finally(() => {
      flushing = undefined;
      owed = 0;
      if (queue.length > 0) later();
    });
    return flushing;
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    owed = queue.length;
    return begin();
  }

  function later(): void {
    if (everyMs === 0 || timer !== undefined) return;
    timer = setTimeout(() => void flush(), everyMs);
    timer.unref();
  }

  return {
    add(span) {
      if (queue.length >= mostWaiting) {
        dropped++;
        return;
      }
      queue.push(span);
      if (everyMs === 0 || flushing !== undefined) return;
      if (queue.length >= perRequest && sender.willing) void begin();
      else later();
    },
    flush,
    get dropped() {
      return dropped;
    },
    get sent() {
      return sent;
    },
    get waiting() {
      return queue.length;
    },
    async close() {
      await flush();
      // What came meanwhile.
      await flush();
      clearTimeout(timer);
      sender.close();
    },
  };
}
