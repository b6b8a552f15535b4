import { readFile } from "node:fs/promises";
import type { Bench, BenchOptions } from "./bench.ts";
import { type Alternative, torch, withAlternatives } from "./embed-alternatives.ts";
import { type BenchEmbedder, openEmbedder } from "./embedder.ts";
import { alternate, type Contestant, ratio, timed } from "./harness.ts";
import { limitByInstructionSet, type Machine } from "./machine.ts";
import type { Progress } from "./progress.ts";
import type { Budget, Figure, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { mean, spread } from "./statistics.ts";
import { documentTexts } from "./texts.ts";
import { dot } from "./vectors.ts";
import { readVectors } from "./vectors-file.ts";

const ours = "isthmus";
const units = { documents: "documents/s", tokens: "tokens/s", "CPU time": "ms a document" };

export const embedBench: Bench = {
  name: "embed",
  summary: "our embedder against sentence-transformers (torch, ONNX int8), OpenVINO and @huggingface/transformers",
  run: (options, progress, machine) =>
    withScratch(async (scratch) => {
      const texts = await documentTexts(options.documents ?? 400, options.corpus);
      const embedder = await openEmbedder(options.cores);
      const notes: string[] = [];
      try {
        return await withAlternatives(options, progress, texts, scratch, notes, async (alternatives) => {
          const report = await compare(options, progress, texts, embedder, alternatives, machine);
          return { ...report, notes: [...report.notes, ...notes] };
        });
      } finally {
        await embedder.close();
      }
    }),
};

async function compare(
  options: BenchOptions,
  progress: Progress,
  texts: readonly string[],
  embedder: BenchEmbedder,
  alternatives: readonly Alternative[],
  machine: Machine,
): Promise<Report> {
  const tokens = embedder.tokens(texts);
  const sample = (seconds: number, cpu: number) => ({
    documents: texts.length / seconds,
    tokens: tokens / seconds,
    "CPU time": (cpu / texts.length) * 1000,
  });
  let vectors: Float32Array[] = [];
  const contestants: Contestant[] = [
    {
      name: ours,
      async run() {
        const before = process.cpuUsage();
        const { seconds, result } = await timed(() => embedder.embed(texts));
        const { user, system } = process.cpuUsage(before);
        vectors = result;
        return sample(seconds, (user + system) / 1e6);
      },
    },
    ...alternatives.map((alternative) => ({
      name: alternative.name,
      async run() {
        const { seconds, cpu } = await alternative.run();
        return sample(seconds, cpu);
      },
    })),
  ];
  progress.tell("warming up");
  await embedder.embed(texts.slice(0, 64));
  const figures = await alternate(contestants, options.rounds ?? 5, units, progress);
  const budgets: Budget[] = [];
  const notes = alternatives.map((each) => noteOf(each, tokens));
  for (const { name, vectorsFile } of alternatives) {
    const speed = ratio(figures, "tokens", ours, name);
    figures.push(speed, ...agreement(name, vectors, await vectorsOf(vectorsFile, vectors)));
    if (name !== torch) continue;
    const measured = spread(speed.samples).median;
    const { limit, note } = limitByInstructionSet(machine, { vnni: 3, avx2: 1.8 });
    notes.push(`tokens/s, ours to theirs: ${note}`);
    if (limit !== undefined) {
      budgets.push({ what: "tokens/s, ours to theirs", bound: "at least", limit, unit: "x", measured });
    }
  }
  const parameters = {
    texts: texts.length,
    "mean tokens": Number((tokens / texts.length).toFixed(1)),
    cores: options.cores,
    corpus: options.corpus ?? "made from the repository",
  };
  return { bench: "embed", parameters, figures, budgets, notes };
}

/** @throws Error when there is not one vector of the same length for each of ours. */
async function vectorsOf(file: string, ours: readonly Float32Array[]): Promise<Float32Array[]> {
  const dimensions = ours[0]?.length ?? 0;
  const theirs = await readVectors(file, dimensions);
  if (theirs.length !== ours.length) {
    const bytes = (await readFile(file)).length;
    throw new Error(`${file} holds ${bytes} bytes, not ${ours.length} vectors of ${dimensions} float32.`);
  }
  return theirs;
}

function agreement(name: string, ours: readonly Float32Array[], theirs: readonly Float32Array[]): Figure[] {
  const cosines = ours.map((vector, index) => dot(vector, theirs[index] ?? new Float32Array()));
  const subject = `${name} and ours`;
  return [
    { subject, measure: "cosine, mean", unit: "", samples: [mean(cosines)] },
    { subject, measure: "cosine, least", unit: "", samples: [Math.min(...cosines)] },
  ];
}

function noteOf({ name, versions, tokens }: Alternative, ours: number): string {
  const read = tokens === ours ? "reads the same tokens" : `reads ${tokens} tokens where ours reads ${ours}`;
  return `${name}: ${versions}; ${read}`;
}
