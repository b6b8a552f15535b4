import { exactly, nothing, type Range } from "./range.ts";
import type { Reading } from "./read-sample.ts";
import type { Stratum } from "./stratum.ts";
import { type Counts, joinUnits, measures, type Unit } from "./unit.ts";

export type Estimates = Readonly<Record<keyof Counts, Range>>;

/** With so many documents read, each counts as one; below that the parts of their beginnings do. */
const documentsThatTell = 3;

/**
 * Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom; beyond that the normal distribution's 1.96 is
 * near. Source: https://www.itl.nist.gov/div898/handbook/eda/section3/eda3672.htm
 */
const studentT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/**
 * What a stratum holds, from what was read of it: so much for a byte, times its bytes (a ratio estimate: Cochran, Sampling
 * Techniques, 3rd edition, chapter 6). It is exact where every document was read whole. Else its range is the wider of
 * two: 95 % by the spread among what was read; and, however alike that was, the rule of three: of what was not read, 3 in
 * n may be all different. Where nothing was found in what was read, those are taken to be as others.
 *
 * @param readings of documents of the stratum that tell something, one at least.
 * @param others of documents elsewhere that hold something.
 */
export function estimateStratum(
  stratum: Pick<Stratum, "documents" | "bytes">,
  readings: readonly Reading[],
  others: readonly Unit[],
): Estimates {
  const units = unitsOf(readings);
  const whole = readings.length === stratum.documents && readings.every((reading) => reading.whole);
  return byMeasure((measure) => {
    const seen = units.reduce((sum, unit) => sum + unit[measure], 0);
    if (whole) return exactly(seen);
    if (measure === "records" && !readings.some((reading) => reading.many)) return usable(readings, stratum.documents);
    return ratioEstimate(units, measure, stratum.bytes, ratioOf(others, measure));
  });
}

/** For a stratum of which nothing could be read: as others have it for a byte, and that may be all wrong. */
export function estimateUnread(bytes: number, others: readonly Unit[]): Estimates {
  return byMeasure((measure) => {
    const expected = ratioOf(others, measure) * bytes;
    return { low: 0, expected, high: 2 * expected };
  });
}

export function unitsOf(readings: readonly Reading[]): Unit[] {
  const manyDocuments = readings.length >= documentsThatTell;
  return readings.flatMap(({ units }) => (manyDocuments ? [joinUnits(units)] : units));
}

/** So much for a byte. */
function ratioOf(units: readonly Unit[], measure: keyof Counts): number {
  const all = joinUnits(units);
  return all.bytes === 0 ? 0 : all[measure] / all.bytes;
}

/** @param elsewhere so much for a byte: what was not read may be like that where nothing was found in what was. */
function ratioEstimate(units: readonly Unit[], measure: keyof Counts, bytes: number, elsewhere: number): Range {
  const { [measure]: seen, bytes: read } = joinUnits(units);
  const ratio = ratioOf(units, measure);
  const expected = ratio * bytes;
  const unread = Math.max(0, 1 - read / bytes);
  const distance = Math.max(
    spreadDistance(units, measure, ratio, bytes, unread),
    (seen > 0 ? expected : elsewhere * bytes) * unread * Math.min(1, 3 / units.length),
  );
  // No less than what was seen.
  return { low: Math.max(Math.min(seen, expected), expected - distance), expected, high: expected + distance };
}

/** Where a file is one document, their number does not depend on their bytes. */
function usable(readings: readonly Reading[], documents: number): Range {
  const units = readings.map((reading) => ({ ...joinUnits(reading.units), bytes: 1 }));
  const { low, expected, high } = ratioEstimate(units, "records", documents, 1);
  return { low, expected, high: Math.min(high, documents) };
}

/** Half of the 95 % interval of a ratio estimate, with the correction for a finite population. */
function spreadDistance(
  units: readonly Unit[],
  measure: keyof Counts,
  ratio: number,
  bytes: number,
  unread: number,
): number {
  const count = units.length;
  if (count < 2) return 0;
  const squares = units.reduce((sum, unit) => sum + (unit[measure] - ratio * unit.bytes) ** 2, 0);
  const meanBytes = units.reduce((sum, unit) => sum + unit.bytes, 0) / count;
  const error = (bytes / meanBytes) * Math.sqrt((unread * squares) / (count - 1) / count);
  return (studentT[count - 2] ?? 1.96) * error;
}

export function byMeasure(estimate: (measure: keyof Counts) => Range): Estimates {
  const [records, chunks, characters, textBytes, tokens] = measures.map(estimate);
  return {
    records: records ?? nothing,
    chunks: chunks ?? nothing,
    characters: characters ?? nothing,
    textBytes: textBytes ?? nothing,
    tokens: tokens ?? nothing,
  };
}
