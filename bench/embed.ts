import { join } from "node:path";
import type { Bench, BenchOptions } from "./bench.ts";
import { type BenchEmbedder, openEmbedder } from "./embedder.ts";
import { alternate, type Contestant, ratio, timed } from "./harness.ts";
import type { Progress } from "./progress.ts";
import { type PythonPeer, startPythonPeer } from "./python.ts";
import type { Budget, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { mean, spread } from "./statistics.ts";
import { documentTexts } from "./texts.ts";
import { dot } from "./vectors.ts";
import { readVectors } from "./vectors-file.ts";

const ours = "isthmus";
const theirs = "sentence-transformers";
const batch = 32;

export const embedBench: Bench = {
  name: "embed",
  summary: "our embedder against sentence-transformers (torch, batch 32): documents/s, tokens/s, agreement",
  run: (options, progress, machine) =>
    withScratch(async (scratch) => {
      const texts = await documentTexts(options.documents ?? 400, options.corpus);
      const embedder = await openEmbedder(options.cores);
      const python = options.python ? await startPythonPeer(options.cores, progress) : undefined;
      try {
        const budget = machine.avx512Vnni === true ? 3 : 1.8;
        return await compare(options, progress, texts, embedder, python, scratch, budget);
      } finally {
        await python?.close();
        await embedder.close();
      }
    }),
};

async function compare(
  options: BenchOptions,
  progress: Progress,
  texts: readonly string[],
  embedder: BenchEmbedder,
  python: PythonPeer | undefined,
  scratch: string,
  budget: number,
): Promise<Report> {
  const tokens = embedder.tokens(texts);
  const rates = (seconds: number) => ({ documents: texts.length / seconds, tokens: tokens / seconds });
  let ourVectors: Float32Array[] = [];
  const contestants: Contestant[] = [
    {
      name: ours,
      async run() {
        const { seconds, result } = await timed(() => embedder.embed(texts));
        ourVectors = result;
        return rates(seconds);
      },
    },
  ];
  const notes: string[] = [];
  const vectorsFile = join(scratch, "vectors.f32");
  if (python !== undefined) {
    const theirTokens = await python.load(texts, scratch);
    notes.push(`Python side: ${python.versions}`);
    if (theirTokens !== tokens)
      notes.push(`the two read different token counts: ours ${tokens}, theirs ${theirTokens}`);
    contestants.push({
      name: theirs,
      run: async () => rates(await python.encode(batch, vectorsFile)),
    });
  }
  progress.tell("warming up");
  await embedder.embed(texts.slice(0, 64));
  await python?.encodeEach(64);
  const units = { documents: "documents/s", tokens: "tokens/s" };
  const figures = await alternate(contestants, options.rounds ?? 5, units, progress);
  const budgets: Budget[] = [];
  if (python !== undefined) {
    const speed = ratio(figures, "tokens", ours, theirs);
    const theirVectors = await readVectors(vectorsFile, embedder.port.identity.dimensions);
    const cosines = ourVectors.map((vector, index) => dot(vector, theirVectors[index] ?? new Float32Array()));
    figures.push(speed, { subject: "both", measure: "cosine, mean", unit: "", samples: [mean(cosines)] });
    figures.push({ subject: "both", measure: "cosine, least", unit: "", samples: [Math.min(...cosines)] });
    const measured = spread(speed.samples).median;
    budgets.push({ what: "tokens/s, ours to theirs", bound: "at least", limit: budget, unit: "x", measured });
  }
  const parameters = {
    texts: texts.length,
    "mean tokens": Number((tokens / texts.length).toFixed(1)),
    cores: options.cores,
    corpus: options.corpus ?? "made from the repository",
  };
  return { bench: "embed", parameters, figures, budgets, notes };
}
