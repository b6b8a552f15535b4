import type { Cutting } from "../ingest/pipeline.ts";
import type { Embedder, Source } from "../ports.ts";
import { type CalibrationOptions, type MeasuredRate, measureRate } from "./calibrate.ts";
import { byMeasure, type Estimates, estimateStratum, estimateUnread, unitsOf } from "./estimate.ts";
import { together } from "./range.ts";
import { readSamples, type SampledStratum, type SampleLimits } from "./sample.ts";
import { type Survey, type SurveyParts, surveySources } from "./survey.ts";

/** What the documents of one kind hold, those that an ingest would read. */
export interface KindPlan extends Estimates {
  /** A content type. */
  readonly kind: string;
  readonly documents: number;
  readonly bytes: number;
  /** Documents of it that were read for the estimate, and how many of those by their beginning alone. */
  readonly read: number;
  readonly begun: number;
}

/** Documents of the sample that could not be used, and how many there may be among all. */
export interface Unusable {
  readonly kind: string;
  readonly outcome: "skipped" | "failed" | "empty";
  readonly code: string;
  readonly read: number;
  readonly expected: number;
}

/** What an ingest would have to do, estimated from listings and a sample. */
export interface Plan {
  readonly survey: Survey;
  readonly kinds: readonly KindPlan[];
  readonly all: Estimates;
  /** Of the largest document alone. */
  readonly largest: Estimates;
  readonly unusable: readonly Unusable[];
  readonly sample: { readonly documents: number; readonly bytes: number; readonly faults: number };
  /** Undefined where nothing is to be embedded, or nobody asked. */
  readonly rate: MeasuredRate | undefined;
}

export interface PlanParts {
  readonly cutting: Cutting;
  readonly embedder: Embedder;
  readonly manifest: SurveyParts["manifest"];
}

export interface PlanOptions {
  readonly limits: SampleLimits;
  /** Absent: the rate is known, and is not measured. */
  readonly calibration?: Pick<CalibrationOptions, "forMs" | "now">;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PlanProgress) => void;
}

export type PlanProgress =
  | { readonly phase: "listing"; readonly objects: number }
  | { readonly phase: "reading"; readonly done: number; readonly total: number }
  | { readonly phase: "measuring" };

/** Lists the sources, reads a sample, embeds some of it, and writes nothing anywhere. */
export async function planIngest(sources: readonly Source[], parts: PlanParts, options: PlanOptions): Promise<Plan> {
  const { cutting, embedder, manifest } = parts;
  const { limits, signal, onProgress } = options;
  const stop = signal === undefined ? {} : { signal };
  const survey = await surveySources(
    sources,
    { registry: cutting.registry, fingerprint: cutting.fingerprint, manifest, maxFileBytes: limits.maxFileBytes },
    {
      drawn: limits.documents,
      ...stop,
      onListed: (objects) => onProgress?.({ phase: "listing", objects }),
    },
  );
  const sampled = await readSamples(survey.strata, cutting, limits, {
    ...stop,
    onRead: (done, total) => onProgress?.({ phase: "reading", done, total }),
  });
  const estimated = sampled.map((each) => ({ ...each, estimates: estimateOne(each, sampled) }));
  const texts = interleaved(sampled.flatMap(({ readings }) => readings.map((reading) => reading.texts)));
  let rate: MeasuredRate | undefined;
  if (options.calibration !== undefined && texts.length > 0) {
    onProgress?.({ phase: "measuring" });
    rate = await measureRate(embedder, texts, { ...options.calibration, ...stop });
  }
  const readings = sampled.flatMap((each) => each.readings);
  return {
    survey,
    kinds: kindsOf(estimated),
    all: sumOf(estimated.map(({ estimates }) => estimates)),
    largest: largestOf(estimated),
    unusable: unusableOf(sampled),
    sample: {
      documents: readings.length,
      bytes: readings.reduce((sum, reading) => sum + reading.bytes, 0),
      faults: readings.reduce((sum, reading) => sum + reading.faults, 0),
    },
    rate,
  };
}

type Estimated = SampledStratum & { readonly estimates: Estimates };

function estimateOne({ stratum, readings }: SampledStratum, all: readonly SampledStratum[]): Estimates {
  if (readings.length > 0) return estimateStratum(stratum, readings);
  const alike = all.filter((other) => other.stratum.kind === stratum.kind && other.readings.length > 0);
  return estimateUnread(
    stratum.bytes,
    (alike.length > 0 ? alike : all).flatMap((other) => unitsOf(other.readings)),
  );
}

function sumOf(estimates: readonly Estimates[]): Estimates {
  return byMeasure((measure) => together(estimates.map((each) => each[measure])));
}

function kindsOf(estimated: readonly Estimated[]): KindPlan[] {
  const byKind = Map.groupBy(estimated, ({ stratum }) => stratum.kind);
  const kinds = [...byKind].map(([kind, strata]) => {
    const read = strata.flatMap(({ readings }) => readings);
    return {
      kind,
      documents: strata.reduce((sum, { stratum }) => sum + stratum.documents, 0),
      bytes: strata.reduce((sum, { stratum }) => sum + stratum.bytes, 0),
      read: read.length,
      begun: read.filter((reading) => !reading.whole).length,
      ...sumOf(strata.map(({ estimates }) => estimates)),
    };
  });
  return kinds.toSorted((left, right) => right.chunks.expected - left.chunks.expected);
}

/** Of the largest document, the share of its stratum that its bytes are. */
function largestOf(estimated: readonly Estimated[]): Estimates {
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

function unusableOf(sampled: readonly SampledStratum[]): Unusable[] {
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

/** The first text of each document, then the second of each, and so on. */
function interleaved(texts: readonly (readonly string[])[]): string[] {
  const longest = Math.max(0, ...texts.map((each) => each.length));
  return Array.from({ length: longest }, (_, index) => texts.flatMap((each) => each.slice(index, index + 1))).flat();
}
