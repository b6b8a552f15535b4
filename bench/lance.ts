import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { startPeerProcess } from "./peer-process.ts";
import type { Progress } from "./progress.ts";
import { pythonEnvironment } from "./python.ts";
import { preparePython } from "./python-environment.ts";
import type { StoreData } from "./store-data.ts";
import { leftAtPace } from "./time-left.ts";
import { writeVectors } from "./vectors-file.ts";

const program = join(import.meta.dirname, "python", "lance_peer.py");

const helloSchema = z.object({ versions: z.record(z.string(), z.string()) });
const filledSchema = z.object({ seconds: z.number(), bytes: z.number() });
const searchedSchema = z.object({ milliseconds: z.array(z.number()), found: z.array(z.array(z.number())) });

/** How LanceDB is asked: over all vectors, by either index with ten times as many candidates refined, by words, by both. */
export const lanceWays = ["exact", "IVF_PQ", "HNSW_SQ", "keyword", "hybrid"] as const;
export type LanceWay = (typeof lanceWays)[number];

/**
 * What LanceDB is filled with, in this order. Two tables of the same rows, for a column's index is one. The shares of the time are
 * those of one run with 20,000 rows: good enough to tell how long is left.
 */
const parts = [
  { table: "IVF_PQ", part: "rows", share: 1 },
  { table: "IVF_PQ", part: "index", share: 20 },
  { table: "IVF_PQ", part: "full text", share: 2 },
  { table: "HNSW_SQ", part: "rows", share: 1 },
  { table: "HNSW_SQ", part: "index", share: 40 },
] as const;

/** What a part of the filling took, and takes on disk. */
export interface Filled {
  readonly table: "IVF_PQ" | "HNSW_SQ";
  readonly part: "rows" | "index" | "full text";
  readonly seconds: number;
  readonly bytes: number;
}

/** LanceDB in a Python of its own. */
export interface LancePeer {
  readonly versions: string;
  /** Writes all chunks and makes the indexes. */
  fill(data: StoreData, progress: Progress): Promise<Filled[]>;
  /** All queries, one at a time. @returns the milliseconds of each, and the positions of its hits. */
  search(way: LanceWay, limit: number): Promise<z.infer<typeof searchedSchema>>;
  close(): Promise<void>;
}

/** @throws Unavailable where there is no Python side. */
export async function startLancePeer(threads: number, scratch: string, progress: Progress): Promise<LancePeer> {
  const python = await preparePython(progress);
  const child = await startPeerProcess("LanceDB", python, [program], pythonEnvironment(threads));
  const [vectors, texts, queries] = ["vectors.f32", "texts.jsonl", "queries.json"].map((name) => join(scratch, name));
  return {
    versions: Object.entries(helloSchema.parse(child.hello).versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
    async fill(data, told) {
      told.tell("writing into LanceDB");
      await writeVectors(vectors ?? "", data.vectors);
      const lines = data.vectors.keys().map((position) => `${JSON.stringify(data.text(position))}\n`);
      await pipeline(Readable.from(lines), createWriteStream(texts ?? ""));
      const asked = data.queries.map(({ text, vector }) => ({ text, vector: [...vector] }));
      await writeFile(queries ?? "", JSON.stringify(asked));
      const dimensions = data.vectors[0]?.length ?? 0;
      const directory = join(scratch, "lance");
      const filled: Filled[] = [];
      for (const [index, { table, part }] of parts.entries()) {
        const seconds = filled.reduce((sum, each) => sum + each.seconds, 0);
        const left = leftAtPace(seconds, sharesOf(parts.slice(0, index)), sharesOf(parts));
        told.tell(`LanceDB, ${table}: ${part}${left}`);
        const answer = await child.ask({ op: "fill", table, part, directory, vectors, texts, dimensions });
        filled.push({ table, part, ...filledSchema.parse(answer) });
      }
      return filled;
    },
    async search(way, limit) {
      return searchedSchema.parse(await child.ask({ op: "search", way, queries, limit }));
    },
    close: () => child.close(),
  };
}

function sharesOf(some: readonly { readonly share: number }[]): number {
  return some.reduce((sum, { share }) => sum + share, 0);
}
