import type { OpenAttempt, Store, StoreReader, StoreWriter } from "../core/ports.ts";
import type { Attempt, Commit } from "../core/types.ts";
import type { Instruments } from "./instruments.ts";
import { labelsBy } from "./metrics.ts";
import { type Attributes, type Span, withError } from "./span.ts";
import type { Tracer } from "./tracer.ts";

type Labels = (operation: string) => Readonly<Attributes>;

export interface StoreObserver {
  store(store: Store): Store;
}

/** The commit with the trace that made it; of a trace that nobody keeps there is nothing to find. */
function traced(commit: Commit, { sampled, traceId }: Span): Commit {
  return sampled ? { ...commit, traceId } : commit;
}

/** Spans and times of what is asked of a store; names: https://opentelemetry.io/docs/specs/semconv/database/ */
export function createStoreObserver(tracer: Tracer, instruments: Instruments): StoreObserver {
  function operation<Result>(
    labelsOf: Labels,
    name: string,
    attributes: Attributes,
    work: (span: Span) => Promise<Result>,
  ): Promise<Result> {
    const labels = labelsOf(name);
    return tracer.span(name, { attributes: { ...labels, ...attributes } }, work, (span) =>
      instruments.store.record(span.tookMs / 1000, withError(labels, span), span),
    );
  }

  function observedReader(reader: StoreReader, labels: Labels): StoreReader {
    return {
      ...reader,
      search: (query, signal, onTurnedAway) =>
        operation(labels, "search", { "isthmus.mode": query.mode, "isthmus.k": query.limit }, async (span) => {
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

  function observedAttempt(open: OpenAttempt, attempt: Attempt, labels: Labels): OpenAttempt {
    return {
      id: open.id,
      put: (chunks) => operation(labels, "put", { "isthmus.chunks": chunks.length }, () => open.put(chunks)),
      commit: (commit) =>
        operation(labels, "commit", { "isthmus.chunks": commit.chunks }, async (span) => {
          const committed = await open.commit(traced(commit, span));
          const late = (Date.now() - Date.parse(commit.updatedAt)) / 1000;
          if (committed.supersededBy !== undefined) instruments.superseded.add(1);
          // By order alone a first version: what was re-indexed has been searchable before.
          else if (attempt.order.reindex === 0 && late >= 0) instruments.freshness.record(late, undefined, span);
          return committed;
        }),
      abandon: () => operation(labels, "abandon", {}, () => open.abandon()),
    };
  }

  function observedWriter(writer: StoreWriter, labels: Labels): StoreWriter {
    return {
      ...writer,
      begin: (attempt, signal) => observedAttempt(writer.begin(attempt, signal), attempt, labels),
      remove: (tombstones, signal) =>
        operation(labels, "remove", { "db.operation.batch.size": tombstones.length }, (span) =>
          writer.remove(
            tombstones.map((tombstone) => traced(tombstone, span)),
            signal,
          ),
        ),
    };
  }

  return {
    store(store) {
      const labels = labelsBy((operation) => ({ "db.system.name": store.name, "db.operation.name": operation }));
      return {
        ...store,
        openReader: async (...given) => observedReader(await store.openReader(...given), labels),
        openWriter: async (...given) => observedWriter(await store.openWriter(...given), labels),
      };
    },
  };
}
