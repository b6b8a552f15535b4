import type { Change, Changes, Rescan } from "../core/ports.ts";
import type { Instruments } from "./instruments.ts";
import type { Meter } from "./metrics.ts";
import type { Span, SpanContext } from "./span.ts";
import { newTrace, type Tracer } from "./tracer.ts";

/** Watches what is told of a place's changes, from the telling to its end. */
export interface ChangesObserver {
  /** @param system of the queue, by OpenTelemetry's names: `gcp_pubsub`. */
  changes(changes: Changes, system: string): Changes;
}

/** Which deliveries of an object are in hand: work on it is linked to them. */
export interface Deliveries {
  of(uri: string): readonly SpanContext[];
}

export function createChangesObserver(
  tracer: Tracer,
  instruments: Instruments,
  meter: Meter,
): ChangesObserver & { readonly deliveries: Deliveries } {
  const inHand = new Map<string, Set<Span>>();
  /** Of all that is in hand, when it happened, milliseconds since 1970. */
  const happened = new Map<symbol, number>();
  let watching = false;
  meter.gauge("isthmus.changes.in_hand", "{change}", "Changes that were told and are not settled", () =>
    watching ? happened.size : undefined,
  );
  meter.gauge("isthmus.changes.oldest", "s", "Age of the oldest change that was told and is not settled", () =>
    watching ? Math.max(0, ...[...happened.values()].map((at) => (Date.now() - at) / 1000)) : undefined,
  );

  function observed<Told extends Change | Rescan>(told: Told, system: string): Told {
    const change: Change | undefined = told.kind === "change" ? told : undefined;
    // A root of its own: a notification of Cloud Storage names no trace.
    const span = tracer.enter("process", newTrace(), {
      kind: "consumer",
      attributes: {
        "messaging.system": system,
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "isthmus.change": told.kind,
        ...(change && { "isthmus.document.uri": change.uri, "isthmus.delivery": change.delivery }),
      },
    });
    const key = Symbol();
    const at = change === undefined ? Number.NaN : Date.parse(change.at);
    happened.set(key, Number.isNaN(at) ? Date.now() : at);
    const uri = change?.uri;
    if (uri !== undefined) inHand.set(uri, (inHand.get(uri) ?? new Set()).add(span));
    const settle = (how: "done" | "again") => {
      told[how]();
      if (!happened.delete(key)) return;
      const spans = uri === undefined ? undefined : inHand.get(uri);
      spans?.delete(span);
      if (uri !== undefined && spans?.size === 0) inHand.delete(uri);
      tracer.end(span.set("isthmus.settled", how));
      const labels = { "messaging.system": system, "isthmus.settled": how };
      instruments.changes.add(1, labels);
      if (!Number.isNaN(at)) instruments.changeAge.record(Math.max(0, Date.now() - at) / 1000, labels, span);
    };
    return { ...told, done: () => settle("done"), again: () => settle("again") };
  }

  return {
    deliveries: { of: (uri) => [...(inHand.get(uri) ?? [])] },
    changes: (changes, system) => ({
      limits: changes.limits,
      async *listen(signal) {
        watching = true;
        for await (const told of changes.listen(signal)) yield observed(told, system);
      },
      close: () => changes.close(),
    }),
  };
}
