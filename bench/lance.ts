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
import { writeVectors } from "./vectors-file.ts";

const program = join(import.meta.dirname, "python", "lance_peer.py");

const helloSchema = z.object({ versions: z.record(z.string(), z.string()) });
const filledSchema = z.object({
  seconds: z.record(z.string(), z.number()),
  bytes: z.record(z.string(), z.number()),
});
const searchedSchema = z.object({ milliseconds: z.array(z.number()), found: z.array(z.array(z.number())) });

/** How LanceDB is asked: over all vectors, by either index with ten times as many candidates refined, by words, by both. */
export const lanceWays = ["exact", "IVF_PQ", "HNSW_SQ", "keyword", "hybrid"] as const;
export type LanceWay = (typeof lanceWays)[number];

/** LanceDB in a Python of its own. */
export interface LancePeer {
  readonly versions: string;
  /** Writes all chunks and makes the indexes. @returns seconds and bytes of the parts. */
  fill(data: StoreData, progress: Progress): Promise<z.infer<typeof filledSchema>>;
  /** All queries, one at a time. @returns the milliseconds of each, and the positions of its hits. */
  search(way: LanceWay, limit: number): Promise<z.infer<typeof searchedSchema>>;
  close(): Promise<void>;
}

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
      return filledSchema.parse(await child.ask({ op: "fill", directory, vectors, texts, dimensions }));
    },
    async search(way, limit) {
      return searchedSchema.parse(await child.ask({ op: "search", way, queries, limit }));
    },
    close: () => child.close(),
  };
}
