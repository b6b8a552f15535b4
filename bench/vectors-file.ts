import { readFile, writeFile } from "node:fs/promises";

/** Reads vectors kept as little-endian float32, one row after another. */
export async function readVectors(path: string, dimensions: number): Promise<Float32Array[]> {
  const bytes = await readFile(path);
  const rows = bytes.length / (dimensions * Float32Array.BYTES_PER_ELEMENT);
  return Array.from({ length: rows }, (_, row) =>
    Float32Array.from({ length: dimensions }, (_, column) => bytes.readFloatLE((row * dimensions + column) * 4)),
  );
}

/** Writes what `readVectors` reads. */
export async function writeVectors(path: string, vectors: readonly Float32Array[]): Promise<void> {
  const bytes = Buffer.alloc(vectors.reduce((sum, vector) => sum + vector.length * Float32Array.BYTES_PER_ELEMENT, 0));
  let offset = 0;
  for (const vector of vectors) {
    for (const value of vector) offset = bytes.writeFloatLE(value, offset);
  }
  await writeFile(path, bytes);
}
