import { join } from "node:path";
import { openEmbedder } from "../bench/embedder.ts";
import { extendVectors } from "../bench/extend.ts";
import type { StoreData } from "../bench/store-data.ts";
import { fillStore } from "../bench/store-fill.ts";
import { createSearcher, exactAnswers } from "../bench/store-search.ts";
import { readSentences, sentenceWindows } from "../bench/texts.ts";
import { readBeir } from "../src/adapters/beir/read.ts";
import { createEnglishAnalyzer } from "../src/adapters/lexical/english.ts";
import type { Store } from "../src/core/ports.ts";
import type { ModelIdentity } from "../src/core/types.ts";

/** More than the embedded store compares one by one (5,000), so that its codes are what is measured. */
const chunks = 6_000;
/** Embedded for real; the others lie between them. */
const realTexts = 600;

export interface RecallData {
  readonly data: StoreData;
  readonly identity: ModelIdentity;
}

/** Passages of the set as vectors, many more that lie between them, and the set's own questions. */
export async function makeRecallData(folder: string, cores = 2): Promise<RecallData> {
  // The model reads neither case nor spaces, and two equal vectors would be nearest at the toss of a coin.
  const byWords = new Map(
    sentenceWindows(await readSentences(join(folder, "corpus.jsonl"))).map((text) => [wordsOf(text), text]),
  );
  const windows = [...byWords.values()];
  const step = Math.max(1, Math.floor(windows.length / realTexts));
  const texts = windows.filter((_, position) => position % step === 0).slice(0, realTexts);
  const { queries } = await readBeir(folder);
  const embedder = await openEmbedder(cores);
  try {
    const vectors = extendVectors(await embedder.embed(texts), chunks);
    const questions = await embedder.embed(queries.map(({ text }) => text));
    return {
      identity: embedder.port.identity,
      data: {
        vectors,
        text: (position) => `${position}. ${texts[position % texts.length]}`,
        queries: queries.map(({ text }, index) => ({ text, vector: questions[index] ?? new Float32Array() })),
        origin: `${texts.length} passages, extended`,
      },
    };
  } finally {
    await embedder.close();
  }
}

/** Fills an empty store. @returns the share of the ten truly nearest chunks that its vector search finds, 0 to 1. */
export async function measureRecall(store: Store, { data, identity }: RecallData): Promise<number> {
  const analyzer = createEnglishAnalyzer();
  const writer = await store.openWriter(identity);
  try {
    await fillStore(writer, data, analyzer, { tell() {}, clear() {} });
  } finally {
    await writer.close();
  }
  const reader = await store.openReader(identity);
  try {
    return await createSearcher(reader, data, analyzer).recall(exactAnswers(data));
  } finally {
    await reader.close();
  }
}

function wordsOf(text: string): string {
  return text.toLowerCase().replaceAll(/\s+/g, "");
}
