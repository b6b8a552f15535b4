import { join } from "node:path";
import type { BenchOptions } from "./bench.ts";
import type { EncoderPeer } from "./encoder-peer.ts";
import type { Progress } from "./progress.ts";
import { startPythonPeer } from "./python.ts";
import { startTransformersJs } from "./transformers-js.ts";

/** Texts in a batch, for each of them: what sentence-transformers takes by itself. */
const batch = 32;
const warmUp = 64;

/** The one that the budget is about. */
export const torch = "sentence-transformers, torch";

/** What a user would pick instead, ready to embed the same texts. */
export interface Alternative {
  readonly name: string;
  readonly versions: string;
  /** Tokens it reads of all texts. */
  readonly tokens: number;
  /** Where its vectors of the last run lie, as float32. */
  readonly vectorsFile: string;
  run(): Promise<{ readonly seconds: number; readonly cpu: number }>;
}

/** Starts and warms up the alternatives that the options ask for, runs `body`, and ends them. */
export async function withAlternatives<Result>(
  options: BenchOptions,
  progress: Progress,
  texts: readonly string[],
  scratch: string,
  body: (alternatives: readonly Alternative[]) => Promise<Result>,
): Promise<Result> {
  const { cores } = options;
  const starts: [name: string, start: () => Promise<EncoderPeer>][] = [];
  if (options.python) {
    starts.push(
      [torch, () => startPythonPeer(cores, progress, "torch")],
      ["sentence-transformers, ONNX int8", () => startPythonPeer(cores, progress, "onnx")],
      ["OpenVINO", () => startPythonPeer(cores, progress, "openvino")],
    );
  }
  if (options.node) {
    starts.push(["@huggingface/transformers, int8", () => startTransformersJs(cores, scratch, progress)]);
  }
  const peers: EncoderPeer[] = [];
  const alternatives: Alternative[] = [];
  try {
    for (const [index, [name, start]] of starts.entries()) {
      const peer = await start();
      peers.push(peer);
      progress.tell(`warming up ${name}`);
      await peer.load(texts.slice(0, warmUp), scratch);
      await peer.encode(batch);
      const vectorsFile = join(scratch, `vectors-${index}.f32`);
      alternatives.push({
        name,
        versions: peer.versions,
        tokens: await peer.load(texts, scratch),
        vectorsFile,
        run: () => peer.encode(batch, vectorsFile),
      });
    }
    return await body(alternatives);
  } finally {
    for (const peer of peers) await peer.close();
  }
}
