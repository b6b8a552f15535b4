import type { Cutting } from "../ingest/pipeline.ts";
import type { Embedder, Source } from "../ports.ts";
import { type CalibrationOptions, type MeasuredRate, measureRate } from "./calibrate.ts";
import type { Estimates } from "./estimate.ts";
import { readSamples, type SampleLimits } from "./sample.ts";
import { estimateOne, isCounted, type KindPlan, kindsOf, largestOf, sumOf, type Unusable, unusableOf } from "./sums.ts";
import { type Survey, type SurveyParts, surveySources } from "./survey.ts";

/** What an ingest would have to do, estimated from listings and a sample. */
export interface Plan {
  readonly survey: Survey;
  readonly kinds: readonly KindPlan[];
  readonly all: Estimates;
  /** Of the largest document alone. */
  readonly largest: Estimates;
  readonly unusable: readonly Unusable[];
  readonly sample: Sample;
  /** Undefined where nothing is to be embedded, or nobody asked. */
  readonly rate: MeasuredRate | undefined;
}

export interface Sample {
  readonly documents: number;
  readonly bytes: number;
  /** Records that cannot be used. */
  readonly faults: number;
  /** It is all there is: nothing but the time is estimated. */
  readonly counted: boolean;
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
    { registry: cutting.registry, fingerprints: cutting.fingerprints, manifest, maxFileBytes: limits.maxFileBytes },
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
      counted: sampled.every(isCounted),
    },
    rate,
  };
}

/** The first text of each document, then the second of each, and so on. */
function interleaved(texts: readonly (readonly string[])[]): string[] {
  const longest = Math.max(0, ...texts.map((each) => each.length));
  return Array.from({ length: longest }, (_, index) => texts.flatMap((each) => each.slice(index, index + 1))).flat();
}
