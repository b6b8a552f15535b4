import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { Progress } from "./progress.ts";
import { preparePython } from "./python-environment.ts";

const program = join(import.meta.dirname, "python", "peer.py");

const helloSchema = z.object({ versions: z.record(z.string(), z.string()), threads: z.number() });
const loadedSchema = z.object({ texts: z.number(), tokens: z.number() });
const timeSchema = z.object({ seconds: z.number() });
const spentSchema = z.object({ seconds: z.number(), cpu: z.number() });

/** What one call took. */
export interface Spent {
  readonly seconds: number;
  /** CPU time of all threads of the Python process meanwhile, seconds. */
  readonly cpu: number;
}

/** A Weaviate on this machine, and the collection to make there. */
export interface PrototypeTarget {
  readonly http: number;
  readonly grpc: number;
  readonly key: string;
  readonly collection: string;
}

/** sentence-transformers in a process of its own, its model loaded, waiting for its turn. */
export interface PythonPeer {
  /** Versions of its packages, as one line. */
  readonly versions: string;
  /** Hands it the texts of the next calls. @returns tokens the model reads of them, special ones counted. */
  load(texts: readonly string[], scratch: string): Promise<number>;
  /** Seconds for all texts, in batches; the vectors go to a file as float32 if one is named. */
  encode(batch: number, vectorsFile?: string): Promise<number>;
  /** The first `limit` texts, one call each. */
  encodeEach(limit: number): Promise<Spent>;
  /** The prototype's whole way: the first `limit` texts, one call each, into a collection of its own in batches of 100. */
  ingest(limit: number, server: PrototypeTarget): Promise<Spent>;
  close(): Promise<void>;
}

export async function startPythonPeer(threads: number, progress: Progress): Promise<PythonPeer> {
  const python = await preparePython(progress);
  progress.tell("starting sentence-transformers");
  const child = spawn(python, [program, String(threads)], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, RAYON_NUM_THREADS: String(threads), PYTHONDONTWRITEBYTECODE: "1" },
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  async function next(): Promise<unknown> {
    const answer = await answers.next();
    if (answer.done === true) throw new Error("The Python side ended; its message stands above.");
    return JSON.parse(answer.value);
  }
  async function ask(request: Readonly<Record<string, unknown>>): Promise<unknown> {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    return await next();
  }
  const hello = helloSchema.parse(await next());
  return {
    versions: Object.entries(hello.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
    async load(texts, scratch) {
      const path = join(scratch, "texts.json");
      await writeFile(path, JSON.stringify(texts));
      return loadedSchema.parse(await ask({ op: "load", texts: path })).tokens;
    },
    async encode(batch, vectorsFile) {
      return timeSchema.parse(await ask({ op: "encode", batch, vectors: vectorsFile ?? null })).seconds;
    },
    async encodeEach(limit) {
      return spentSchema.parse(await ask({ op: "encode_each", limit }));
    },
    async ingest(limit, server) {
      return spentSchema.parse(await ask({ op: "ingest", limit, server }));
    },
    async close() {
      child.stdin.end();
      await exited;
    },
  };
}
