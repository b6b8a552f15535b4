import { byMeasure, type Estimates, estimateStratum, estimateUnread, unitsOf } from "./estimate.ts";
import { together } from "./range.ts";
import { tells } from "./read-sample.ts";
import type { SampledStratum } from "./sample.ts";
import type { Unit } from "./unit.ts";

/** What the documents of one kind hold, those that an ingest would read. */
export interface KindPlan extends Estimates {
  /** A content type. */
  readonly kind: string;
  readonly documents: number;
  readonly bytes: number;
  /** Documents of it that were read for the estimate, and how many of those by their beginning alone. */
  readonly read: number;
  readonly begun: number;
  /** Documents of strata in which nothing that was read holds any text, though not all was read: what they hold is a guess. */
  readonly guessed: number;
}

/** Documents of the sample that could not be used, and how many there may be among all. */
export interface Unusable {
  readonly kind: string;
  readonly outcome: "skipped" | "failed" | "empty";
  readonly code: string;
  readonly read: number;
  readonly expected: number;
}

export type Estimated = SampledStratum & { readonly estimates: Estimates };

/**
 * What a thousand bytes of prose hold, where nothing that was read tells better: as this project's own docs/ on 2026-11-24; and a
 * record, where there are any.
 */
const prose: Unit = { bytes: 1000, records: 1, chunks: 1.9, characters: 1010, textBytes: 1090, tokens: 320 };

export function estimateOne({ stratum, readings }: SampledStratum, all: readonly SampledStratum[]): Estimates {
  const telling = readings.filter(tells);
  const full = all.filter(holdsText);
  const alike = full.filter((other) => other.stratum.kind === stratum.kind);
  const others = (alike.length > 0 ? alike : full).flatMap((other) => unitsOf(other.readings.filter(tells)));
  const like = others.length > 0 ? others : [prose];
  return telling.length > 0 ? estimateStratum(stratum, telling, like) : estimateUnread(stratum.bytes, like);
}

/** What all of it holds was counted, and is not estimated. */
export function isCounted({ stratum, readings }: SampledStratum): boolean {
  return readings.length === stratum.documents && readings.every(({ whole }) => whole);
}

function holdsText({ readings }: SampledStratum): boolean {
  return readings.some(({ outcome }) => outcome === "read");
}

export function sumOf(estimates: readonly Estimates[]): Estimates {
  return byMeasure((measure) => together(estimates.map((each) => each[measure])));
}

export function kindsOf(estimated: readonly Estimated[]): KindPlan[] {
  const byKind = Map.groupBy(estimated, ({ stratum }) => stratum.kind);
  const kinds = [...byKind].map(([kind, strata]) => {
    const read = strata.flatMap(({ readings }) => readings);
    return {
      kind,
      documents: strata.reduce((sum, { stratum }) => sum + stratum.documents, 0),
      bytes: strata.reduce((sum, { stratum }) => sum + stratum.bytes, 0),
      read: read.length,
      begun: read.filter((reading) => tells(reading) && !reading.whole).length,
      guessed: strata
        .filter((each) => !isCounted(each) && !holdsText(each))
        .reduce((sum, { stratum }) => sum + stratum.documents, 0),
      ...sumOf(strata.map(({ estimates }) => estimates)),
    };
  });
  return kinds.toSorted((left, right) => right.chunks.expected - left.chunks.expected);
}

/** Of the largest document, the share of its stratum that its bytes are. */
export function largestOf(estimated: readonly Estimated[]): Estimates {
  const shares = estimated.map(({ stratum, estimates }) => {
    const share = stratum.bytes === 0 ? 0 : stratum.largest / stratum.bytes;
    return byMeasure((measure) => {
      const { low, expected, high } = estimates[measure];
      return { low: low * share, expected: expected * share, high: high * share };
    });
  });
  const [first, ...others] = shares.toSorted((left, right) => right.chunks.expected - left.chunks.expected);
  return first ?? sumOf(others);
}

export function unusableOf(sampled: readonly SampledStratum[]): Unusable[] {
  const found = new Map<string, Unusable>();
  for (const { stratum, readings } of sampled) {
    for (const { outcome, error } of readings) {
      if (outcome === "read") continue;
      const code = error?.code ?? "content_empty";
      const key = `${stratum.kind} ${outcome} ${code}`;
      const before = found.get(key);
      found.set(key, {
        kind: stratum.kind,
        outcome,
        code,
        read: (before?.read ?? 0) + 1,
        expected: (before?.expected ?? 0) + stratum.documents / readings.length,
      });
    }
  }
  return [...found.values()].toSorted((left, right) => right.expected - left.expected);
}
