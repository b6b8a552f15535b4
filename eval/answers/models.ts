/** A matrix row of features, in the order of their names. */
export type Row = readonly number[];

/** A question with what it can choose from; the rows that answer it are marked. */
export interface Choice {
  readonly rows: readonly Row[];
  readonly right: readonly boolean[];
}

export interface Fitted {
  /** In the order of the names that were kept, in units of the features themselves. */
  readonly weights: readonly number[];
  /** Each weight over its standard error (Wald). */
  readonly z: readonly number[];
}

/** Pull of every standardised weight towards 0 (ridge), the bias left out. */
const ridge = 1;
const steps = 25;

/**
 * A choice among the sentences of each question (McFadden's conditional logit), several right ones sharing the target. Questions without
 * a right row, or with nothing but right ones, say nothing and are left out. By Newton's method.
 */
export function fitChoice(choices: readonly Choice[], width: number): Fitted {
  const told = choices.filter(({ right }) => right.includes(true) && right.includes(false));
  const scale = spread(
    told.flatMap(({ rows }) => rows),
    width,
  );
  const scaled = told.map(({ rows, right }) => ({
    rows: rows.map((row) => row.map((value, at) => value / at1(scale, at))),
    right,
  }));
  return newton(
    width,
    scale,
    () => false,
    (weights, gradient, hessian) => {
      let likelihood = 0;
      for (const { rows, right } of scaled) {
        const scores = rows.map((row) => dot(weights, row));
        const most = Math.max(...scores);
        const raw = scores.map((score) => Math.exp(score - most));
        const sum = raw.reduce((total, one) => total + one, 0);
        const targets = right.filter(Boolean).length;
        const mean = new Array<number>(width).fill(0);
        for (const [at, row] of rows.entries()) {
          const p = at1(raw, at) / sum;
          for (let i = 0; i < width; i++) mean[i] = at1(mean, i) + p * at1(row, i);
        }
        for (const [at, row] of rows.entries()) {
          const p = at1(raw, at) / sum;
          const pull = (right[at] ? 1 / targets : 0) - p;
          if (right[at]) likelihood += (at1(scores, at) - most - Math.log(sum)) / targets;
          for (let i = 0; i < width; i++) {
            gradient[i] = at1(gradient, i) + pull * at1(row, i);
            const own = p * (at1(row, i) - at1(mean, i));
            const line = at1(hessian, i);
            for (let j = 0; j < width; j++) line[j] = at1(line, j) + own * (at1(row, j) - at1(mean, j));
          }
        }
      }
      return likelihood;
    },
  );
}

/** Logistic regression by Newton's method. @param bias the place of the feature that is 1 everywhere; it is not pulled. */
export function fitLogistic(rows: readonly Row[], labels: readonly boolean[], width: number, bias: number): Fitted {
  const scale = spread(rows, width).map((value, at) => (at === bias ? 1 : value));
  const scaled = rows.map((row) => row.map((value, at) => value / at1(scale, at)));
  return newton(
    width,
    scale,
    (at) => at === bias,
    (weights, gradient, hessian) => {
      let likelihood = 0;
      for (const [at, row] of scaled.entries()) {
        const p = 1 / (1 + Math.exp(-dot(weights, row)));
        const pull = (labels[at] ? 1 : 0) - p;
        likelihood += Math.log(Math.max(1e-300, labels[at] ? p : 1 - p));
        for (let i = 0; i < width; i++) {
          gradient[i] = at1(gradient, i) + pull * at1(row, i);
          const line = at1(hessian, i);
          for (let j = 0; j < width; j++) line[j] = at1(line, j) + p * (1 - p) * at1(row, i) * at1(row, j);
        }
      }
      return likelihood;
    },
  );
}

/**
 * Leaves out one feature after another, the least certain first, until each weight is at least so many of its standard errors away from
 * 0. What it looks at is its training data alone, so that it can run inside a fold.
 */
export function eliminate(
  names: readonly string[],
  fit: (kept: readonly number[]) => Fitted,
  needed: readonly string[] = [],
  least = 1.96,
): { readonly kept: readonly number[]; readonly fitted: Fitted } {
  let kept = names.map((_, at) => at);
  for (;;) {
    const fitted = fit(kept);
    let weakest = -1;
    for (const [at, z] of fitted.z.entries()) {
      if (needed.includes(names[at1(kept, at)] ?? "")) continue;
      if (Math.abs(z) < least && (weakest < 0 || Math.abs(z) < Math.abs(at1(fitted.z, weakest)))) weakest = at;
    }
    if (weakest < 0) return { kept, fitted };
    kept = kept.filter((_, at) => at !== weakest);
  }
}

function newton(
  width: number,
  scale: readonly number[],
  free: (at: number) => boolean,
  accumulate: (weights: readonly number[], gradient: number[], hessian: number[][]) => number,
): Fitted {
  const zeros = () => new Array<number>(width).fill(0);
  const at = (weights: readonly number[]) => {
    const gradient = zeros();
    const hessian = Array.from({ length: width }, zeros);
    let likelihood = accumulate(weights, gradient, hessian);
    for (const [place, weight] of weights.entries()) {
      const pull = free(place) ? 1e-9 : ridge;
      likelihood -= (pull * weight ** 2) / 2;
      gradient[place] = at1(gradient, place) - pull * weight;
      const line = at1(hessian, place);
      line[place] = at1(line, place) + pull;
    }
    return { weights, likelihood, gradient, hessian };
  };
  let here = at(zeros());
  for (let step = 0; step < steps; step++) {
    const move = solve(here.hessian, here.gradient);
    let next = here;
    // A whole step may overshoot; half of it, and half of that, until it gains.
    for (let part = 1; part > 1e-6; part /= 2) {
      const from = here;
      next = at(from.weights.map((weight, place) => weight + part * at1(move, place)));
      if (next.likelihood >= from.likelihood) break;
    }
    const gain = next.likelihood - here.likelihood;
    if (gain > 0) here = next;
    if (!(gain > 1e-6)) break;
  }
  const { weights, hessian } = here;
  const z = weights.map((weight, at) => {
    const unit = new Array<number>(width).fill(0);
    unit[at] = 1;
    return weight / Math.sqrt(Math.max(1e-12, at1(solve(hessian, unit), at)));
  });
  return { weights: weights.map((weight, at) => weight / at1(scale, at)), z };
}

/** Standard deviations by column; 1 where a column says nothing. */
function spread(rows: readonly Row[], width: number): number[] {
  return Array.from({ length: width }, (_, at) => {
    const mean = rows.reduce((sum, row) => sum + at1(row, at), 0) / rows.length;
    const variance = rows.reduce((sum, row) => sum + (at1(row, at) - mean) ** 2, 0) / rows.length;
    return Math.sqrt(variance) || 1;
  });
}

/** Gauss's elimination with partial pivoting. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const lines = matrix.map((line, at) => [...line, at1(right, at)]);
  const width = right.length;
  for (let column = 0; column < width; column++) {
    let pivot = column;
    for (let at = column + 1; at < width; at++)
      if (Math.abs(at1(at1(lines, at), column)) > Math.abs(at1(at1(lines, pivot), column))) pivot = at;
    [lines[column], lines[pivot]] = [at1(lines, pivot), at1(lines, column)];
    const own = at1(lines, column);
    for (let at = column + 1; at < width; at++) {
      const line = at1(lines, at);
      const factor = at1(line, column) / at1(own, column);
      for (let i = column; i <= width; i++) line[i] = at1(line, i) - factor * at1(own, i);
    }
  }
  const found = new Array<number>(width).fill(0);
  for (let at = width - 1; at >= 0; at--) {
    const line = at1(lines, at);
    let value = at1(line, width);
    for (let i = at + 1; i < width; i++) value -= at1(line, i) * at1(found, i);
    found[at] = value / at1(line, at);
  }
  return found;
}

export function dot(weights: readonly number[], row: Row): number {
  let sum = 0;
  for (const [at, weight] of weights.entries()) sum += weight * at1(row, at);
  return sum;
}

function at1<Item>(items: readonly Item[], at: number): Item {
  const item = items[at];
  if (item === undefined) throw new RangeError(`nothing at ${at} of ${items.length}`);
  return item;
}
