/** To unit length, in place. A zero vector stays as it is. */
export function normalise<T extends ArrayBufferLike>(vector: Float32Array<T>): Float32Array<T> {
  let square = 0;
  for (const value of vector) square += value * value;
  const scale = square === 0 ? 1 : 1 / Math.sqrt(square);
  for (let index = 0; index < vector.length; index++) vector[index] = (vector[index] ?? 0) * scale;
  return vector;
}
