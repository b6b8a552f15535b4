import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../src/core/identity.ts";
import { createSeeded } from "../test/support/seeded.ts";
import type { BenchOptions } from "./bench.ts";
import { benchCache } from "./cache.ts";
import type { BenchEmbedder } from "./embedder.ts";
import { extendVectors } from "./extend.ts";
import type { Progress } from "./progress.ts";
import { makeText, passageWords, readSentences, sentenceWindows } from "./texts.ts";
import { readVectors, writeVectors } from "./vectors-file.ts";

/** Embedded for real; the others are mixed of them. Fewer make tight bunches, which is harder than real text. */
const baseTexts = 20_000;
const queryTexts = 200;
/** A query is as long as a question: the beginning of a passage that is not among the chunks. */
const queryWords = 12;
const embedAtOnce = 500;
/** Words of made texts that are embedded: short, or a hundred thousand take an hour. */
const embeddedWords = { least: 15, most: 40 } as const;

export interface StoreData {
  readonly vectors: readonly Float32Array[];
  /** The text of a chunk, made when it is asked for. */
  text(position: number): string;
  readonly queries: readonly { readonly text: string; readonly vector: Float32Array }[];
  readonly origin: string;
}

/** Vectors and texts for `count` chunks, and queries that are none of them. */
export async function makeStoreData(
  count: number,
  options: BenchOptions,
  embedder: BenchEmbedder,
  progress: Progress,
): Promise<StoreData> {
  const documents = await readSentences(options.corpus);
  const sentences = documents.flat();
  const windows = shuffled(sentenceWindows(documents));
  const held = Math.min(queryTexts, Math.floor(windows.length / 5));
  const questions = windows.slice(0, held).map((window) => window.split(" ").slice(0, queryWords).join(" "));
  const vectorsOf = (texts: readonly string[]) => embedCached(texts, embedder, progress);
  const queries = (await vectorsOf(questions)).map((vector, index) => ({ text: questions[index] ?? "", vector }));
  const madeText = (position: number) => makeText(sentences, embeddedWords, position + 1);
  if (options.full) {
    const vectors = await vectorsOf(Array.from({ length: count }, (_, position) => madeText(position)));
    return { vectors, text: madeText, queries, origin: "every chunk embedded" };
  }
  const passages = windows.slice(held, held + Math.min(baseTexts, count));
  const made = Array.from({ length: Math.min(baseTexts, count) - passages.length }, (_, position) =>
    madeText(position),
  );
  const base = await vectorsOf([...passages, ...made]);
  return {
    vectors: await extendCached(base, count, progress),
    text: (position) => makeText(sentences, passageWords, position + 1),
    queries,
    origin: `embeddings of ${passages.length} passages and ${made.length} made texts, extended`,
  };
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  const random = createSeeded(7);
  return items
    .map((item) => ({ item, key: random() }))
    .sort((left, right) => left.key - right.key)
    .map(({ item }) => item);
}

/** Embedding and extending take minutes, so what they give is kept, by a digest of all that makes it. */
async function embedCached(
  texts: readonly string[],
  embedder: BenchEmbedder,
  progress: Progress,
): Promise<Float32Array[]> {
  const { dimensions, revision } = embedder.port.identity;
  return await keepVectors(JSON.stringify([revision, texts]), texts.length, dimensions, async () => {
    const vectors: Float32Array[] = [];
    for (let start = 0; start < texts.length; start += embedAtOnce) {
      progress.tell(`embedding, ${start} of ${texts.length}`);
      vectors.push(...(await embedder.embed(texts.slice(start, start + embedAtOnce))));
    }
    return vectors;
  });
}

async function extendCached(base: readonly Float32Array[], count: number, progress: Progress): Promise<Float32Array[]> {
  const origin = base.map((vector) => vector.slice(0, 4).join(" ")).join("\n");
  return await keepVectors(`extended ${count}\n${origin}`, count, base[0]?.length ?? 0, async () => {
    progress.tell(`extending ${base.length} vectors to ${count}, a few minutes, once`);
    return extendVectors(base, count);
  });
}

async function keepVectors(
  origin: string,
  count: number,
  dimensions: number,
  make: () => Promise<Float32Array[]>,
): Promise<Float32Array[]> {
  const path = join(benchCache(), `vectors-${sha256(origin).slice(0, 16)}.f32`);
  const kept = await readVectors(path, dimensions).catch(() => []);
  if (kept.length === count) return kept;
  const vectors = await make();
  await mkdir(benchCache(), { recursive: true });
  await writeVectors(path, vectors);
  return vectors;
}
