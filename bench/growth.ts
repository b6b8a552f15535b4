import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createSqliteStore } from "../src/adapters/store/sqlite/store.ts";
import { createWeaviateStore } from "../src/adapters/store/weaviate/store.ts";
import type { Bench, StoreName } from "./bench.ts";
import { openEmbedder } from "./embedder.ts";
import { folderBytes } from "./folders.ts";
import { type GrowingStore, growIndex, type Questions } from "./growth-index.ts";
import { sizesUpTo } from "./growth-sizes.ts";
import type { Figure, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { makeText, readSentences, shortWords } from "./texts.ts";
import { leftAtPace } from "./time-left.ts";
import { Unavailable } from "./unavailable.ts";
import { startBenchServer } from "./weaviate.ts";

const usual = 100_000;
const collection = "BenchGrowth";
const questions = 200;
/** Another seed than the documents have: no question is one of them. */
const questionSeed = 2;

export const growthBench: Bench = {
  name: "growth",
  summary: "both stores at 1,000, 10,000 and 100,000 chunks, or up to --documents: time, memory, search, recall",
  run: (options, progress) =>
    withScratch(async (scratch): Promise<Report> => {
      const most = options.documents ?? usual;
      const steps = sizesUpTo(most);
      const sentences = (await readSentences(options.corpus)).flat();
      const text = (number: number) => makeText(sentences, shortWords, number);
      const asking = { ...(await embedQuestions(sentences, options.cores)), rounds: options.rounds ?? 3 };
      const figures: Figure[] = [];
      const notes: string[] = [];
      const start = performance.now();
      for (const [index, name] of options.stores.entries()) {
        const missing = await withStoreOf(name, scratch, progress.tell, async (store) => {
          const folder = join(scratch, store.name);
          await mkdir(folder);
          const tell = (what: string, chunks: number) => {
            const seconds = (performance.now() - start) / 1000;
            const left = leftAtPace(seconds, index * most + chunks, options.stores.length * most);
            progress.tell(`${what}${left}`);
          };
          figures.push(...(await growIndex(store, steps, text, folder, options.cores, asking, tell)));
        });
        if (missing === undefined) continue;
        if (options.stores.length === 1) throw new Unavailable(missing);
        notes.push(missing);
      }
      const corpus = options.corpus ?? "made from the repository";
      const parameters = { chunks: most, queries: questions, cores: options.cores, corpus };
      // One store alone does not take the place of both.
      const bench = options.stores.length === 1 ? `growth-${options.stores[0]}` : "growth";
      return { bench, parameters, figures, budgets: [], notes };
    }),
};

async function embedQuestions(sentences: readonly string[], cores: number): Promise<Omit<Questions, "rounds">> {
  const asked = Array.from({ length: questions }, (_, number) =>
    makeText(sentences, shortWords, number + 1, questionSeed),
  );
  const embedder = await openEmbedder(cores);
  try {
    const vectors = await embedder.embed(asked);
    const queries = asked.map((text, index) => ({ text, vector: vectors[index] ?? new Float32Array() }));
    return { identity: embedder.port.identity, queries };
  } finally {
    await embedder.close();
  }
}

/** @returns why there is no such store, and the body did not run. */
async function withStoreOf(
  name: StoreName,
  scratch: string,
  tell: (line: string) => void,
  body: (store: GrowingStore) => Promise<void>,
): Promise<string | undefined> {
  if (name === "sqlite") {
    const directory = join(scratch, "SQLite", "data");
    const size = async () => ({ "index on disk": await folderBytes(directory) });
    await body({ name: "SQLite", store: createSqliteStore({ directory }), environment: {}, size });
    return undefined;
  }
  let told = "";
  const server = await startBenchServer((line) => {
    told = line;
    tell(line);
  });
  if (server === undefined) return told;
  try {
    const size = async (): Promise<Record<string, number>> => {
      const held = server.memory();
      return held === undefined ? {} : { "memory of the server": held };
    };
    const store = createWeaviateStore(server.settings(collection));
    await body({ name: "Weaviate", store, environment: server.environment(collection), size });
  } finally {
    await server.stop();
  }
  return undefined;
}
