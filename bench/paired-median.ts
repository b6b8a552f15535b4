/** The median of paired differences, and between what it lies, however the differences are spread. */
export interface MedianDifference {
  readonly median: number;
  /** With 95 % confidence or a little more. */
  readonly from: number;
  readonly to: number;
}

/**
 * By the sign test: of n differences the r-th least and the r-th greatest bound their median, r being the greatest rank of which
 * 2·P(Binomial(n, ½) < r) is at most 5 % (Conover, Practical Nonparametric Statistics, 3.2). A shared machine makes some differences
 * wild, which moves a mean and not this.
 *
 * @throws RangeError with fewer than six pairs: nothing bounds their median with that confidence.
 */
export function medianDifference(pairs: readonly (readonly [left: number, right: number])[]): MedianDifference {
  const differences = pairs.map(([left, right]) => right - left).sort((one, other) => one - other);
  const count = differences.length;
  const rank = rankOf(count);
  const at = (place: number) => differences[place] ?? Number.NaN;
  if (rank < 1) throw new RangeError(`The median of ${count} differences has no interval of 95 %; it takes six.`);
  return {
    median: (at(Math.ceil(count / 2) - 1) + at(Math.floor(count / 2))) / 2,
    from: at(rank - 1),
    to: at(count - rank),
  };
}

function rankOf(count: number): number {
  let below = 0;
  let probability = 0.5 ** count;
  for (let rank = 0; ; rank++) {
    below += probability;
    if (2 * below > 0.05) return rank;
    probability *= (count - rank) / (rank + 1);
  }
}
