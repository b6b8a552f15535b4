import type { Attributes, SpanContext } from "./span.ts";

/** Numbers that a process keeps about itself, in few series: attributes are codes and names of the program's own. */
export interface Meter {
  /** Counts up. @param unit by UCUM: `{document}`, `By`, `s`. */
  counter(name: string, unit: string, description: string): Counter;
  /** @param bounds upper bounds of the buckets, ascending. */
  histogram(name: string, unit: string, description: string, bounds?: readonly number[]): Histogram;
  /** A count that somebody else keeps: asked when somebody looks; undefined is no value. */
  total(name: string, unit: string, description: string, read: () => number | undefined): void;
  /** How many there are, or how much: a sum that rises and falls. Asked when somebody looks. */
  level(name: string, unit: string, description: string, read: () => number): void;
  /** Asked when somebody looks; undefined is no value. */
  gauge(name: string, unit: string, description: string, read: () => number | undefined): void;
  snapshot(): readonly Metric[];
}

export interface Counter {
  add(amount: number, attributes?: Readonly<Attributes>): void;
}

export interface Histogram {
  /** @param span kept as an example of its bucket, where its trace is. */
  record(value: number, attributes?: Readonly<Attributes>, span?: SpanContext): void;
}

export interface Exemplar {
  readonly value: number;
  readonly atMs: number;
  readonly traceId: string;
  readonly spanId: string;
}

export interface Buckets {
  /** One more than there are bounds. Not cumulated. */
  readonly counts: readonly number[];
  readonly bounds: readonly number[];
  readonly count: number;
  readonly sum: number;
  /** Of each bucket the last one. */
  readonly exemplars: readonly (Exemplar | undefined)[];
}

interface Described {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
}

export type Metric = Described &
  (
    | { readonly kind: "counter" | "level" | "gauge"; readonly series: readonly Series<number>[] }
    | { readonly kind: "histogram"; readonly series: readonly Series<Buckets>[] }
  );

export interface Series<Value> {
  readonly attributes: Readonly<Attributes>;
  readonly value: Value;
}

/** Seconds: OpenTelemetry's advice for HTTP servers, with steps at a millisecond, where a warm query lies. */
export const secondsBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
/** Series of one metric at most: a bug in an attribute must not become one in memory. */
const mostSeries = 256;

interface MutableBuckets {
  counts: number[];
  readonly bounds: readonly number[];
  count: number;
  sum: number;
  exemplars: (Exemplar | undefined)[];
}

export function createMeter(): Meter {
  const read: (() => Metric)[] = [];
  return {
    counter(name, unit, description) {
      const series = createSeries(() => ({ value: 0 }));
      read.push(() => ({
        name,
        unit,
        description,
        kind: "counter",
        series: series.all().map(([attributes, { value }]) => ({ attributes, value })),
      }));
      return {
        add(amount, attributes = unlabelled) {
          const found = series.of(attributes);
          if (found !== undefined) found.value += amount;
        },
      };
    },
    histogram(name, unit, description, bounds = secondsBounds) {
      const series = createSeries<MutableBuckets>(() => ({
        counts: bounds.map(() => 0).concat(0),
        bounds,
        count: 0,
        sum: 0,
        exemplars: [],
      }));
      read.push(() => ({
        name,
        unit,
        description,
        kind: "histogram",
        series: series.all().map(([attributes, value]) => ({ attributes, value })),
      }));
      return {
        record(value, attributes = unlabelled, span) {
          const found = series.of(attributes);
          if (found === undefined) return;
          let bucket = 0;
          while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket++;
          found.counts[bucket] = (found.counts[bucket] ?? 0) + 1;
          found.count++;
          found.sum += value;
          if (span?.sampled === true) {
            found.exemplars[bucket] = { value, atMs: Date.now(), traceId: span.traceId, spanId: span.spanId };
          }
        },
      };
    },
    total: (name, unit, description, value) => read.push(asked("counter", name, unit, description, value)),
    level: (name, unit, description, value) => read.push(asked("level", name, unit, description, value)),
    gauge: (name, unit, description, value) => read.push(asked("gauge", name, unit, description, value)),
    snapshot: () => read.map((each) => each()),
  };
}

function asked(
  kind: "counter" | "level" | "gauge",
  name: string,
  unit: string,
  description: string,
  value: () => number | undefined,
): () => Metric {
  return () => {
    const now = value();
    return { name, unit, description, kind, series: now === undefined ? [] : [{ attributes: {}, value: now }] };
  };
}

const unlabelled: Readonly<Attributes> = Object.freeze({});

/** Labels of which one value changes: made once for each, and frozen, which a meter counts soonest. Few values, names of our own. */
export function labelsBy(make: (value: string) => Attributes): (value: string) => Readonly<Attributes> {
  const made = new Map<string, Readonly<Attributes>>();
  return (value) => {
    let labels = made.get(value);
    if (labels === undefined) {
      labels = Object.freeze(make(value));
      made.set(value, labels);
    }
    return labels;
  };
}

function createSeries<Value>(make: () => Value) {
  const values = new Map<string, [Readonly<Attributes>, Value]>();
  /** Of labels that can't change: to write them out as a key each time takes longer than the counting. */
  const frozen = new WeakMap<Readonly<Attributes>, Value>();
  return {
    of(attributes: Readonly<Attributes>): Value | undefined {
      const known = frozen.get(attributes);
      if (known !== undefined) return known;
      const key = JSON.stringify(attributes);
      let found = values.get(key);
      if (found === undefined && values.size < mostSeries) {
        found = [attributes, make()];
        values.set(key, found);
      }
      if (found !== undefined && Object.isFrozen(attributes)) frozen.set(attributes, found[1]);
      return found?.[1];
    },
    all: () => [...values.values()],
  };
}
