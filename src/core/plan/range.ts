/** An estimate, and between what it may lie. */
export interface Range {
  readonly low: number;
  readonly expected: number;
  readonly high: number;
}

export const nothing: Range = { low: 0, expected: 0, high: 0 };

export function exactly(value: number): Range {
  return { low: value, expected: value, high: value };
}

/** The sum of estimates that err independently: their distances add up as squares do. */
export function together(ranges: readonly Range[]): Range {
  const expected = ranges.reduce((sum, range) => sum + range.expected, 0);
  const below = Math.hypot(...ranges.map((range) => range.expected - range.low));
  const above = Math.hypot(...ranges.map((range) => range.high - range.expected));
  return { low: expected - below, expected, high: expected + above };
}

/** The product, its ends from the ends: for factors that know nothing of each other. */
export function times(range: Range, factor: Range): Range {
  return {
    low: range.low * factor.low,
    expected: range.expected * factor.expected,
    high: range.high * factor.high,
  };
}

/** The quotient: least where the divisor is greatest. */
export function over(range: Range, divisor: Range): Range {
  return {
    low: range.low / divisor.high,
    expected: range.expected / divisor.expected,
    high: range.high / divisor.low,
  };
}

/** The sum of estimates that err alike: end to end. */
export function plus(left: Range, right: Range): Range {
  return { low: left.low + right.low, expected: left.expected + right.expected, high: left.high + right.high };
}

/** The greater of the two, end by end. */
export function greater(left: Range, right: Range): Range {
  return {
    low: Math.max(left.low, right.low),
    expected: Math.max(left.expected, right.expected),
    high: Math.max(left.high, right.high),
  };
}
