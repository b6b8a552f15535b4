/** The inner product, which for unit vectors is the cosine. */
export function dot(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < left.length; index += 1) sum += (left[index] ?? 0) * (right[index] ?? 0);
  return sum;
}

/** Scales to length 1, in place. */
export function normalise(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  for (let index = 0; index < vector.length; index += 1) vector[index] = (vector[index] ?? 0) / length;
  return vector;
}

/** Positions of the `k` vectors nearest to the query by exact cosine, best first. */
export function nearest(query: Float32Array, vectors: readonly Float32Array[], k: number): number[] {
  const best: { position: number; score: number }[] = [];
  for (const [position, vector] of vectors.entries()) {
    const score = dot(query, vector);
    if (best.length === k && score <= (best.at(-1)?.score ?? 0)) continue;
    const place = best.findIndex((other) => other.score < score);
    best.splice(place < 0 ? best.length : place, 0, { position, score });
    if (best.length > k) best.pop();
  }
  return best.map(({ position }) => position);
}
