import { join } from "node:path";
import type { BenchOptions } from "./bench.ts";
import type { EncoderPeer } from "./encoder-peer.ts";
import { orLeftOut } from "./left-out.ts";
import type { Progress } from "./progress.ts";
import { startPythonPeer } from "./python.ts";
import { startTransformersJs } from "./transformers-js.ts";

/** Texts in a batch, for each of them: what sentence-transformers takes by itself. */
const batch = 32;
/** The int8 rivals run our graph, which we run one text at a time: they are measured so as well. */
const oneAtATime = 1;
/** OpenVINO runs two at a time on two cores: smaller ones suit it better. */
const openVinoBatch = 8;
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

/** A process that embeds, and in batches of how many texts it does so. */
interface Rival {
  readonly name: string;
  readonly batches: readonly number[];
  start(): Promise<EncoderPeer>;
}

/**
 * Starts and warms up the alternatives that the options ask for, runs `body`, and ends them.
 *
 * @param notes gets a line for each that is not at hand and left out.
 */
export async function withAlternatives<Result>(
  options: BenchOptions,
  progress: Progress,
  texts: readonly string[],
  scratch: string,
  notes: string[],
  body: (alternatives: readonly Alternative[]) => Promise<Result>,
): Promise<Result> {
  const peers: EncoderPeer[] = [];
  const alternatives: Alternative[] = [];
  try {
    for (const { name, batches, start } of rivals(options, progress, scratch)) {
      const peer = await orLeftOut(notes, name, start);
      if (peer === undefined) continue;
      peers.push(peer);
      progress.tell(`warming up ${name}`);
      await peer.load(texts.slice(0, warmUp), scratch);
      await peer.encode(batch);
      const tokens = await peer.load(texts, scratch);
      for (const size of batches) {
        const vectorsFile = join(scratch, `vectors-${alternatives.length}.f32`);
        alternatives.push({
          name: size === oneAtATime ? `${name}, one at a time` : name,
          versions: peer.versions,
          tokens,
          vectorsFile,
          run: () => peer.encode(size, vectorsFile),
        });
      }
    }
    return await body(alternatives);
  } finally {
    for (const peer of peers) await peer.close();
  }
}

function rivals({ cores, python, node }: BenchOptions, progress: Progress, scratch: string): Rival[] {
  const usual = [batch];
  const both = [batch, oneAtATime];
  const fromPython: Rival[] = [
    { name: torch, batches: usual, start: () => startPythonPeer(cores, progress, "torch") },
    {
      name: "sentence-transformers, ONNX int8",
      batches: both,
      start: () => startPythonPeer(cores, progress, "onnx"),
    },
    { name: "OpenVINO", batches: [openVinoBatch], start: () => startPythonPeer(cores, progress, "openvino") },
  ];
  const fromNpm: Rival[] = [
    {
      name: "@huggingface/transformers, int8",
      batches: both,
      start: () => startTransformersJs(cores, scratch, progress),
    },
  ];
  return [...(python ? fromPython : []), ...(node ? fromNpm : [])];
}
