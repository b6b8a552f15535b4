import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openEmbedder } from "./embedder.ts";
import type { Spent } from "./encoder-peer.ts";
import { type Contestant, type Sample, timed } from "./harness.ts";
import { ingestSummary, runIsthmus } from "./isthmus.ts";
import type { PythonPeer } from "./python.ts";
import type { BenchServer } from "./weaviate.ts";

/** What every contestant of the ingest bench measures. */
export const units = {
  documents: "documents/s",
  "documents, process start counted": "documents/s",
  chunks: "chunks",
  "CPU time": "ms a document",
  "CPU time of the server in it": "ms a document",
};

/** Documents to ingest: a folder or a file. */
export interface Corpus {
  readonly path: string;
  readonly format: "auto" | "lines";
  readonly count: number;
}

/** Runs `work` and gives the CPU time that the server took meanwhile: seconds. */
async function servedBy<Result>(
  server: BenchServer | undefined,
  work: () => Promise<Result>,
): Promise<{ result: Result; served: number }> {
  const before = server?.cpu() ?? 0;
  const result = await work();
  return { result, served: (server?.cpu() ?? 0) - before };
}

function cpuOf(count: number, own: number | undefined, served: number): Sample {
  if (own === undefined) return {};
  return {
    "CPU time": ((own + served) / count) * 1000,
    ...(served > 0 && { "CPU time of the server in it": (served / count) * 1000 }),
  };
}

/** The whole of `isthmus ingest` into an empty store. */
export function isthmusContestant(
  name: string,
  corpus: Corpus,
  cores: number,
  scratch: string,
  server?: BenchServer,
): Contestant {
  return {
    name,
    async run(round) {
      const dataDir = join(scratch, `${corpus.format}-${server === undefined ? "sqlite" : "weaviate"}-${round}`);
      await mkdir(dataDir);
      const collection = "BenchIngest";
      const environment = {
        ISTHMUS_WORKERS: String(cores),
        DOCUMENT_FORMAT: corpus.format,
        ...server?.environment(collection),
      };
      const { result: run, served } = await servedBy(server, () =>
        runIsthmus(["ingest", corpus.path, "--json"], dataDir, environment),
      );
      await server?.drop(collection);
      const summary = ingestSummary(run);
      const { count } = corpus;
      const expected = corpus.format === "lines" ? 1 : count;
      if (summary.added !== expected || summary.embedded < count) {
        throw new Error(`Of ${count} documents ${summary.added} were added, with ${summary.embedded} new vectors.`);
      }
      return {
        documents: count / (summary.took_ms / 1000),
        "documents, process start counted": count / run.seconds,
        chunks: summary.chunks,
        ...cpuOf(count, run.cpu, served),
      };
    },
  };
}

/** The same texts through the embedder, and nothing else. */
export function embeddingContestant(name: string, texts: readonly string[], cores: number): Contestant {
  return {
    name,
    async run() {
      // Opened for each round, so that idle workers do not stand beside the others.
      const embedder = await openEmbedder(cores);
      try {
        await embedder.embed(texts.slice(0, 32));
        const before = process.cpuUsage();
        const { seconds } = await timed(() => embedder.embed(texts));
        const { user, system } = process.cpuUsage(before);
        return { documents: texts.length / seconds, ...cpuOf(texts.length, (user + system) / 1e6, 0) };
      } finally {
        await embedder.close();
      }
    },
  };
}

/** The prototype's way: one `encode` a line, and into the server in batches of 100; without a server, thrown away. */
export function prototypeContestant(name: string, peer: PythonPeer, limit: number, server?: BenchServer): Contestant {
  return {
    name,
    async run(round) {
      const { result, served } = await servedBy(
        server,
        (): Promise<Spent> =>
          server === undefined ? peer.encodeEach(limit) : peer.ingest(limit, server.target(`BenchPrototype${round}`)),
      );
      return { documents: limit / result.seconds, ...cpuOf(limit, result.cpu, served) };
    },
  };
}
