/** Little-endian float32, as both stores take vectors. Node runs on little-endian machines only. */
export function toBytes(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

export function fromBytes(bytes: Uint8Array): Float32Array {
  // A copy: bytes out of a message need not be aligned, and would keep the whole message alive.
  return new Float32Array(bytes.slice().buffer);
}
