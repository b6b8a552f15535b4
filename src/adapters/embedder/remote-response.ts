import { IsthmusError } from "../../core/errors.ts";
import { record } from "../../core/record.ts";
import { normalise } from "./vector.ts";

/**
 * Reads the body of an embeddings response: `{ data: [{ index, embedding }] }`, the embedding as numbers or as base64 of
 * little-endian float32.
 * @returns `count` vectors of unit length in the order of the texts.
 * @throws `embedder_mismatch` for another count, a missing or repeated index, or values that are no vector.
 */
export function readVectors(body: unknown, count: number, where: string): Float32Array[] {
  const data = record(body)["data"];
  if (!Array.isArray(data)) throw mismatch(`${where} answered without a list of embeddings`);
  if (data.length !== count) throw mismatch(`${where} answered ${data.length} vectors for ${count} texts`);
  const vectors: Float32Array[] = new Array(count);
  for (const [position, entry] of data.entries()) {
    const { index = position, embedding } = record(entry);
    if (!Number.isSafeInteger(index) || Number(index) < 0 || Number(index) >= count || vectors[Number(index)]) {
      throw mismatch(`${where} answered a vector for no text or twice for one (index ${Number(index)})`);
    }
    vectors[Number(index)] = unitVector(embedding, where);
  }
  return vectors;
}

/** @throws `embedder_mismatch` unless every vector has this length. */
export function checkDimensions(vectors: readonly Float32Array[], dimensions: number, where: string): void {
  const other = vectors.find((vector) => vector.length !== dimensions);
  if (other !== undefined) {
    throw mismatch(
      `${where} answered vectors of ${other.length} dimensions where ${dimensions} are configured (ISTHMUS_EMBEDDING_DIMENSIONS)`,
    );
  }
}

function unitVector(embedding: unknown, where: string): Float32Array {
  const values = typeof embedding === "string" ? decodeBase64(embedding) : embedding;
  const numeric =
    values instanceof Float32Array || (Array.isArray(values) && values.every((value) => typeof value === "number"));
  const vector = numeric ? normalise(Float32Array.from(values)) : new Float32Array();
  if (!vector.every(Number.isFinite) || !vector.some((value) => value !== 0)) {
    throw mismatch(`${where} answered something that is not a vector of numbers other than zero`);
  }
  return vector;
}

function decodeBase64(text: string): Float32Array {
  const bytes = Buffer.from(text, "base64");
  return Float32Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readFloatLE(index * 4));
}

function mismatch(what: string): IsthmusError {
  return new IsthmusError("embedder_mismatch", `${what}. Check the endpoint and the model that it serves.`);
}
