export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median (mean of the two middle ones for an even number), least and greatest. @throws RangeError when empty. */
export function spread(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((left, right) => left - right);
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  const upper = sorted[Math.floor(sorted.length / 2)];
  const min = sorted[0];
  const max = sorted.at(-1);
  if (lower === undefined || upper === undefined || min === undefined || max === undefined) {
    throw new RangeError("A spread needs at least one sample.");
  }
  return { median: (lower + upper) / 2, min, max };
}

/** The nearest-rank percentile: the least sample that at least `percent` of a hundred are not above. */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = samples.toSorted((left, right) => left - right);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  const sample = sorted[rank - 1];
  if (sample === undefined) throw new RangeError("A percentile needs at least one sample.");
  return sample;
}

export function mean(samples: readonly number[]): number {
  if (samples.length === 0) throw new RangeError("A mean needs at least one sample.");
  return samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
}
