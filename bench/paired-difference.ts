/** How far two measurements of the same things lie apart, and how sure that is. */
export interface PairedDifference {
  /** The mean of left minus right. */
  readonly mean: number;
  /** Of that mean, in the same unit. A difference of less than two of them may well be chance. */
  readonly standardError: number;
  readonly pairs: number;
}

/**
 * The mean difference of paired samples, and its standard error s/√n: s is the standard deviation of the n differences, with
 * n − 1 in its denominator (Student's paired t test; NIST/SEMATECH e-Handbook of Statistical Methods, section 7.3.1.1).
 * Pairing takes out what makes one query harder than another, which is far more than what parts two models.
 *
 * @param left a score for each name, such as nDCG@10 by query id.
 * @param right scores for the same names.
 * @throws RangeError with fewer than two pairs, or where a name has one score alone.
 */
export function pairedDifference(
  left: ReadonlyMap<string, number>,
  right: ReadonlyMap<string, number>,
): PairedDifference {
  if (left.size !== right.size) throw new RangeError(`${left.size} scores cannot be paired with ${right.size}.`);
  const differences = [...left].map(([name, score]) => {
    const other = right.get(name);
    if (other === undefined) throw new RangeError(`${JSON.stringify(name)} has a score on one side alone.`);
    return score - other;
  });
  const pairs = differences.length;
  if (pairs < 2) throw new RangeError("A standard error needs at least two pairs.");
  const mean = differences.reduce((sum, difference) => sum + difference, 0) / pairs;
  const squares = differences.reduce((sum, difference) => sum + (difference - mean) ** 2, 0);
  return { mean, standardError: Math.sqrt(squares / (pairs - 1) / pairs), pairs };
}
