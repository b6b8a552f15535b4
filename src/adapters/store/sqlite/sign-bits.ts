/**
 * One bit a dimension, set where the value is positive; padded with zeros to whole 32-bit words. The number of bits in which
 * two codes differ grows with the angle between their vectors.
 */
export function signBits(vector: Float32Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(vector.length / 32) * 4);
  for (let index = 0; index < vector.length; index++) {
    if ((vector[index] ?? 0) > 0) bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
  }
  return bits;
}
