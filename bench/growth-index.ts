import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createEnglishAnalyzer } from "../src/adapters/lexical/english.ts";
import { sha256 } from "../src/core/identity.ts";
import type { Store } from "../src/core/ports.ts";
import type { ModelIdentity, SearchMode } from "../src/core/types.ts";
import { ingestSummary, runIsthmus } from "./isthmus.ts";
import type { Figure } from "./report.ts";
import { mean, percentile } from "./statistics.ts";
import { nearest } from "./vectors.ts";

export interface GrowingStore {
  readonly name: string;
  readonly store: Store;
  /** What `isthmus` reads to find it. */
  readonly environment: Readonly<Record<string, string>>;
  /** What it takes up by now, bytes, by name. */
  size(): Promise<Record<string, number>>;
}

export interface Questions {
  readonly identity: ModelIdentity;
  readonly queries: readonly { readonly text: string; readonly vector: Float32Array }[];
  readonly rounds: number;
}

const modes = ["vector", "hybrid"] as const satisfies readonly SearchMode[];
const hits = 10;
const hashesAtOnce = 1_000;
const analyzer = createEnglishAnalyzer();

/**
 * Lets an index grow from one size to the next by `isthmus ingest`, a file of short lines more each time, and asks it at
 * each size.
 *
 * @param text the line of a number, from 1; a document and a chunk each.
 * @param folder for the documents and the state.
 * @param tell what is going on, and how many chunks the index has by then.
 * @returns figures whose `at` is the size, in chunks.
 */
export async function growIndex(
  growing: GrowingStore,
  sizes: readonly number[],
  text: (number: number) => string,
  folder: string,
  cores: number,
  questions: Questions,
  tell: (what: string, chunks: number) => void,
): Promise<Figure[]> {
  const documents = join(folder, "documents");
  await mkdir(documents);
  const figures: Figure[] = [];
  let filled = 0;
  for (const size of sizes) {
    const named = { subject: growing.name, at: size };
    const told = `${growing.name}, ${size.toLocaleString("en-US")} chunks`;
    tell(`${told}: ingest`, filled);
    await writeLines(join(documents, `${size}.txt`), filled + 1, size, text);
    const run = await runIsthmus(["ingest", documents, "--json"], join(folder, "data"), {
      ISTHMUS_WORKERS: String(cores),
      DOCUMENT_FORMAT: "lines",
      ...growing.environment,
    });
    const { chunks, took_ms } = ingestSummary(run);
    if (chunks !== size - filled) throw new Error(`${size - filled} lines gave ${chunks} chunks.`);
    const perChunk = took_ms / chunks;
    figures.push({ ...named, measure: "ingest, since the size before", unit: "ms a chunk", samples: [perChunk] });
    filled = size;
    const taken = { ...(run.peakMemory && { "peak memory of ingest": run.peakMemory }), ...(await growing.size()) };
    for (const [measure, bytes] of Object.entries(taken)) {
      figures.push({ ...named, measure, unit: "MiB", samples: [bytes / 2 ** 20] });
    }
    for (const figure of await ask(growing.store, size, text, questions, (what) => tell(`${told}: ${what}`, size))) {
      figures.push({ ...named, ...figure });
    }
  }
  return figures;
}

async function writeLines(path: string, first: number, last: number, text: (number: number) => string): Promise<void> {
  const lines = function* () {
    for (let number = first; number <= last; number++) yield `${text(number)}\n`;
  };
  await pipeline(Readable.from(lines()), createWriteStream(path));
}

async function ask(
  store: Store,
  size: number,
  text: (number: number) => string,
  { identity, queries, rounds }: Questions,
  tell: (what: string) => void,
): Promise<Omit<Figure, "subject">[]> {
  const reader = await store.openReader(identity);
  try {
    const search = async (mode: SearchMode, query: Questions["queries"][number]) =>
      reader.search({ mode, limit: hits, vector: query.vector, terms: await analyzer.terms(query.text) });
    const figures: Omit<Figure, "subject">[] = [];
    for (const query of queries) await search("hybrid", query);
    for (const mode of modes) {
      tell(`${mode} search`);
      const medians: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const times: number[] = [];
        for (const query of queries) {
          const start = performance.now();
          await search(mode, query);
          times.push(performance.now() - start);
        }
        medians.push(percentile(times, 50));
      }
      figures.push({ measure: `${mode} search, p50`, unit: "ms", samples: medians });
    }
    tell("exact search, for recall");
    const vectors = await storedVectors(store, identity, size, text);
    const shares: number[] = [];
    for (const query of queries) {
      const found = new Set((await search("vector", query)).map((hit) => hit.content));
      const wanted = nearest(query.vector, vectors, hits).map((position) => text(position + 1));
      shares.push(wanted.filter((content) => found.has(content)).length / wanted.length);
    }
    return [...figures, { measure: "recall@10 against exact", unit: "", samples: [mean(shares)] }];
  } finally {
    await reader.close();
  }
}

/** The vectors as they were written, by their texts: a line has no title, so it is embedded as it is. */
async function storedVectors(
  store: Store,
  identity: ModelIdentity,
  size: number,
  text: (number: number) => string,
): Promise<Float32Array[]> {
  const writer = await store.openWriter(identity);
  try {
    const vectors: Float32Array[] = [];
    for (let first = 1; first <= size; first += hashesAtOnce) {
      const hashes = Array.from({ length: Math.min(hashesAtOnce, size - first + 1) }, (_, index) =>
        sha256(text(first + index)),
      );
      const known = await writer.vectors(hashes);
      for (const hash of hashes) {
        const vector = known.get(hash);
        if (vector === undefined) throw new Error(`A chunk of ${size} has no vector.`);
        vectors.push(vector);
      }
    }
    return vectors;
  } finally {
    await writer.close();
  }
}
