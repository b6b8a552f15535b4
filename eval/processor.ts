import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { openEmbedder } from "../bench/embedder.ts";

const committed = join(import.meta.dirname, "processors.json");

/** Two processors of one class give the same bits; this much leaves room for nothing but the last of a float32. */
const same = 1e-6;

const sampleSchema = z.object({
  /** Of the model that made the vectors, as its identity has it. */
  revision: z.string(),
  texts: z.array(z.string()).min(1),
  /** By class of instructions: a vector of each text, in their order, float32 in little endian as base64. */
  classes: z.record(z.string(), z.array(z.string())),
});
type StoredSample = z.infer<typeof sampleSchema>;

/** The same texts embedded by processors of different classes of instructions. */
export interface ProcessorSample {
  readonly revision: string;
  readonly texts: readonly string[];
  readonly classes: ReadonlyMap<string, readonly Float32Array[]>;
}

/** Reads the committed sample. Throws where a class lacks a vector, or two have another length. */
export async function readSample(path = committed): Promise<ProcessorSample> {
  const { revision, texts, classes } = await readStored(path);
  const decoded = Object.entries(classes).map(([name, vectors]) => [name, vectors.map(decode)] as const);
  const length = decoded[0]?.[1][0]?.length;
  for (const [name, vectors] of decoded) {
    if (vectors.length === texts.length && vectors.every((vector) => vector.length === length)) continue;
    throw new RangeError(`${path}: ${name} does not hold a vector of ${length} numbers for each of the texts.`);
  }
  return { revision, texts, classes: new Map(decoded) };
}

/** Embeds the texts of the sample on this machine. */
export async function embedHere(texts: readonly string[]): Promise<{ revision: string; vectors: Float32Array[] }> {
  const embedder = await openEmbedder(1);
  try {
    return { revision: embedder.port.identity.revision, vectors: await embedder.embed(texts) };
  } finally {
    await embedder.close();
  }
}

/** @returns the class whose every vector these are; undefined where they are those of none. */
export function classOf(vectors: readonly Float32Array[], { classes }: ProcessorSample): string | undefined {
  for (const [name, known] of classes) if (known.every((vector, index) => equal(vector, vectors[index]))) return name;
  return undefined;
}

/** Which class this machine belongs to, by the vectors that it gives; undefined for another model as well. */
export async function classHere(sample: ProcessorSample): Promise<string | undefined> {
  const { revision, vectors } = await embedHere(sample.texts);
  return revision === sample.revision ? classOf(vectors, sample) : undefined;
}

/** How far two classes lie apart: 1 less the least cosine between two vectors of one text. Vectors have unit length. */
export function furthest(left: readonly Float32Array[], right: readonly Float32Array[]): number {
  if (left.length !== right.length)
    throw new RangeError(`${left.length} vectors cannot be paired with ${right.length}.`);
  return Math.max(...left.map((vector, index) => 1 - cosine(vector, right[index] ?? new Float32Array())));
}

/** Writes what this machine gives as the vectors of a class, in the place of what stood there. */
export async function writeSample(name: string, path = committed): Promise<void> {
  const stored = await readStored(path);
  const { revision, vectors } = await embedHere(stored.texts);
  // Vectors of another model say nothing of this one.
  const kept = revision === stored.revision ? stored.classes : {};
  const classes = { ...kept, [name]: vectors.map(encode) };
  await writeFile(path, `${JSON.stringify({ ...stored, revision, classes }, null, 2)}\n`);
}

async function readStored(path: string): Promise<StoredSample> {
  return sampleSchema.parse(JSON.parse(await readFile(path, "utf8")));
}

function equal(left: Float32Array, right: Float32Array | undefined): boolean {
  return left.length === right?.length && left.every((value, index) => Math.abs(value - (right[index] ?? 0)) <= same);
}

function cosine(left: Float32Array, right: Float32Array): number {
  if (left.length !== right.length)
    throw new RangeError(`${left.length} numbers cannot be compared with ${right.length}.`);
  return left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
}

function encode(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}

function decode(text: string): Float32Array {
  const bytes = Buffer.from(text, "base64");
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}
