// @huggingface/transformers in a process of its own, by the protocol of ../python/peer.py:
//
//   peer.ts PACKAGES MODELS THREADS
//
// PACKAGES is the folder that holds node_modules; MODELS the folder that holds the model's, all-MiniLM-L6-v2.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { argv, stdin, stdout } from "node:process";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { z } from "zod";

/** What is used of the library; it is not among the project's own packages, so its types are not at hand. */
interface Library {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  pipeline(
    task: "feature-extraction",
    model: string,
    settings: {
      readonly dtype: "int8";
      readonly device: "cpu";
      readonly local_files_only: true;
      readonly session_options: { readonly intraOpNumThreads: number };
    },
  ): Promise<Extractor>;
}

interface Extractor {
  (
    texts: readonly string[],
    settings: { readonly pooling: "mean"; readonly normalize: true },
  ): Promise<{ readonly data: Float32Array }>;
  tokenizer(text: string, settings: { readonly truncation: true }): { readonly input_ids: { readonly size: number } };
}

const requestSchema = z.discriminatedUnion("op", [
  z.object({ op: z.literal("load"), texts: z.string() }),
  z.object({ op: z.literal("encode"), batch: z.number(), vectors: z.string().nullable() }),
]);

const [packages = "", models = "", threads = "1"] = argv.slice(2);
const manifestSchema = z.object({ version: z.string() });

async function version(name: string): Promise<string> {
  const manifest = await readFile(join(packages, "node_modules", name, "package.json"), "utf8");
  return manifestSchema.parse(JSON.parse(manifest)).version;
}

function answer(value: unknown): void {
  stdout.write(`${JSON.stringify(value)}\n`);
}

const entry = join(packages, "node_modules", "@huggingface", "transformers", "dist", "transformers.node.mjs");
const library = (await import(pathToFileURL(entry).href)) as Library;
library.env.allowRemoteModels = false;
library.env.localModelPath = models;
const extract = await library.pipeline("feature-extraction", "all-MiniLM-L6-v2", {
  dtype: "int8",
  device: "cpu",
  local_files_only: true,
  session_options: { intraOpNumThreads: Number(threads) },
});
const names = ["@huggingface/transformers", "onnxruntime-node"];
answer({ versions: Object.fromEntries(await Promise.all(names.map(async (name) => [name, await version(name)]))) });

let texts: string[] = [];

/** Batches of texts of like length, as sentence-transformers makes them; the rows in the order of the texts. */
async function encode(batch: number, vectorsFile: string | null): Promise<void> {
  const rows = new Map<number, Float32Array>();
  const before = process.cpuUsage();
  const start = performance.now();
  const longestFirst = texts.map((text, position) => ({ text, position }));
  longestFirst.sort((left, right) => right.text.length - left.text.length);
  for (let first = 0; first < texts.length; first += batch) {
    const some = longestFirst.slice(first, first + batch);
    const words = some.map(({ text }) => text);
    const { data } = await extract(words, { pooling: "mean", normalize: true });
    const dimensions = data.length / some.length;
    for (const [row, { position }] of some.entries()) {
      rows.set(position, data.subarray(row * dimensions, (row + 1) * dimensions));
    }
  }
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  if (vectorsFile !== null) {
    const inOrder = texts.map((_, position) => rows.get(position) ?? new Float32Array());
    await writeFile(
      vectorsFile,
      Buffer.concat(inOrder.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength))),
    );
  }
  answer({ seconds, cpu: (user + system) / 1e6 });
}

for await (const line of createInterface({ input: stdin })) {
  const request = requestSchema.parse(JSON.parse(line));
  if (request.op === "encode") {
    await encode(request.batch, request.vectors);
  } else {
    texts = z.array(z.string()).parse(JSON.parse(await readFile(request.texts, "utf8")));
    const lengths = texts.map((text) => extract.tokenizer(text, { truncation: true }).input_ids.size);
    answer({ tokens: lengths.reduce((sum, length) => sum + length, 0) });
  }
}
