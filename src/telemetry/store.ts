import type { OpenAttempt, Store, StoreReader, StoreWriter } from "../core/ports.ts";
import type { Attempt, Commit } from "../core/types.ts";
import type { Instruments } from "./instruments.ts";
import type { Attributes, Span } from "./span.ts";
import { errorType, type Tracer } from "./tracer.ts";

export interface StoreObserver {
  store(store: Store): Store;
}

/** The commit with the trace that made it; of a trace that nobody keeps there is nothing to find. */
function traced(commit: Commit, { sampled, traceId }: Span): Commit {
  return sampled ? { ...commit, traceId } : commit;
}

/** Spans and times of what is asked of a store; names: https://opentelemetry.io/docs/specs/semconv/database/ */
export function createStoreObserver(tracer: Tracer, instruments: Instruments): StoreObserver {
  async function operation<Result>(
    system: string,
    name: string,
    attributes: Attributes,
    work: (span: Span) => Promise<Result>,
  ): Promise<Result> {
    const labels: Attributes = { "db.system.name": system, "db.operation.name": name };
    return await tracer.span(name, { attributes: { ...labels, ...attributes } }, async (span) => {
      try {
        return await work(span);
      } catch (error) {
        labels["error.type"] = errorType(error);
        throw error;
      } finally {
        instruments.store.record(span.tookMs / 1000, labels, span);
      }
    });
  }

  function observedReader(reader: StoreReader, system: string): StoreReader {
    return {
      ...reader,
      search: (query, signal, onTurnedAway) =>
        operation(system, "search", { "isthmus.mode": query.mode, "isthmus.k": query.limit }, async (span) => {
          const hits = await reader.search(query, signal, (met) => {
            const passages = met.reduce((sum, { passages }) => sum + passages, 0);
            if (passages > 0) instruments.turnedAway.add(passages);
            span.set("isthmus.turned_away", passages);
            onTurnedAway?.(met);
          });
          span.set("db.response.returned_rows", hits.length);
          return hits;
        }),
    };
  }

  function observedAttempt(open: OpenAttempt, attempt: Attempt, system: string): OpenAttempt {
    return {
      id: open.id,
      put: (chunks) => operation(system, "put", { "isthmus.chunks": chunks.length }, () => open.put(chunks)),
      commit: (commit) =>
        operation(system, "commit", { "isthmus.chunks": commit.chunks }, async (span) => {
          const committed = await open.commit(traced(commit, span));
          const late = (Date.now() - Date.parse(commit.updatedAt)) / 1000;
          if (committed.supersededBy !== undefined) instruments.superseded.add(1);
          // By order alone a first version: what was re-indexed has been searchable before.
          else if (attempt.order.reindex === 0 && late >= 0) instruments.freshness.record(late, {}, span);
          return committed;
        }),
      abandon: () => operation(system, "abandon", {}, () => open.abandon()),
    };
  }

  function observedWriter(writer: StoreWriter, system: string): StoreWriter {
    return {
      ...writer,
      begin: (attempt, signal) => observedAttempt(writer.begin(attempt, signal), attempt, system),
      remove: (tombstones, signal) =>
        operation(system, "remove", { "db.operation.batch.size": tombstones.length }, (span) =>
          writer.remove(
            tombstones.map((tombstone) => traced(tombstone, span)),
            signal,
          ),
        ),
    };
  }

  return {
    store: (store) => ({
      ...store,
      openReader: async (...given) => observedReader(await store.openReader(...given), store.name),
      openWriter: async (...given) => observedWriter(await store.openWriter(...given), store.name),
    }),
  };
}
