import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createSqliteStore } from "../src/adapters/store/sqlite/store.ts";
import { createWeaviateStore } from "../src/adapters/store/weaviate/store.ts";
import type { Bench } from "./bench.ts";
import { openEmbedder } from "./embedder.ts";
import { folderBytes } from "./folders.ts";
import { type GrowingStore, growIndex } from "./growth-index.ts";
import type { Figure, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { makeText, readSentences, shortWords } from "./texts.ts";
import { leftAtPace } from "./time-left.ts";
import { startBenchServer } from "./weaviate.ts";

const sizes = [1_000, 10_000, 100_000, 1_000_000];
const usual = 100_000;
const stores = 2;
const collection = "BenchGrowth";
const questions = 200;
/** Another seed than the documents have: no question is one of them. */
const questionSeed = 2;

export const growthBench: Bench = {
  name: "growth",
  summary: "both stores at 1,000, 10,000 and 100,000 chunks (1,000,000 with --documents): time, memory, search",
  run: (options, progress) =>
    withScratch(async (scratch): Promise<Report> => {
      const steps = sizes.filter((size) => size <= (options.documents ?? usual));
      const most = steps.at(-1);
      if (most === undefined) throw new Error(`The least size is ${sizes[0]}: --documents must not be below it.`);
      const sentences = (await readSentences(options.corpus)).flat();
      const text = (number: number) => makeText(sentences, shortWords, number);
      const figures: Figure[] = [];
      const notes: string[] = [];
      const embedder = await openEmbedder(options.cores);
      const { identity } = embedder.port;
      const asked = Array.from({ length: questions }, (_, number) =>
        makeText(sentences, shortWords, number + 1, questionSeed),
      );
      const vectors = await embedder.embed(asked);
      const queries = asked.map((question, index) => ({
        text: question,
        vector: vectors[index] ?? new Float32Array(),
      }));
      await embedder.close();
      const start = performance.now();
      const grow = async (store: GrowingStore, before: number) => {
        const folder = join(scratch, store.name);
        await mkdir(folder);
        const asking = { identity, queries, rounds: options.rounds ?? 3 };
        const tell = (what: string, chunks: number) => {
          const seconds = (performance.now() - start) / 1000;
          progress.tell(`${what}${leftAtPace(seconds, before + chunks, stores * most)}`);
        };
        figures.push(...(await growIndex(store, steps, text, folder, options.cores, asking, tell)));
      };

      const directory = join(scratch, "SQLite", "data");
      const disk = async () => ({ "index on disk": await folderBytes(directory) });
      await grow({ name: "SQLite", store: createSqliteStore({ directory }), environment: {}, size: disk }, 0);
      const server = await startBenchServer((line) => {
        progress.tell(line);
        notes.push(line);
      });
      if (server !== undefined) {
        try {
          notes.length = 0;
          const memory = async () => {
            const held = server.memory();
            return held === undefined ? {} : { "memory of the server": held };
          };
          const store = createWeaviateStore(server.settings(collection));
          await grow({ name: "Weaviate", store, environment: server.environment(collection), size: memory }, most);
        } finally {
          await server.stop();
        }
      }
      const corpus = options.corpus ?? "made from the repository";
      const parameters = { chunks: most, queries: questions, cores: options.cores, corpus };
      return { bench: "growth", parameters, figures, budgets: [], notes };
    }),
};
