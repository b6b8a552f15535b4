import type { ListedBench } from "./bench.ts";
import { inPercent, quietShare } from "./other-work.ts";

/** What `--help` says, and what stands below a slip of the pen. */
export function usageText(benches: readonly ListedBench[]): string {
  return `Usage: npm run bench -- [NAME…] [options] [PATH…]

${benches.map((bench) => `  ${bench.name.padEnd(10)} ${minutesOf(bench).padStart(6)} min  ${bench.summary}`).join("\n")}
  all        each of these in turn, on both stores where two times stand, and the plots: what a run without a name
             does (eval only with PATHs, Weaviate only where it is there)
  plot       draws the latest results of this machine (of the last one measured, if this one has none):
             docs/performance.svg (the budgets), docs/growth.svg (the sizes)

The minutes are those of two cores of an AMD EPYC (SQLite + Weaviate where there are two).

  --rounds N      rounds of each contestant (memory: 1 unless said)
  --documents N   documents, texts or chunks to measure on; the last size of growth
  --cores N       workers of ours and threads of theirs (default 2)
  --full          store: embed every chunk instead of extending 20,000 embeddings
  --store NAME    sqlite or weaviate, a real one on this machine: memory, large and rerun measure one (sqlite unless said),
                  growth both unless one is named
  --no-python     leave the Python side out
  --no-node       leave the alternatives from npm out
  --corpus FILE   a BEIR corpus.jsonl to take texts from (or ISTHMUS_BENCH_CORPUS)
  --no-record     keep nothing under bench/results: for a try
  --json          the reports as one JSON object on stdout, for people on stderr
  --help          this

For example: npm run bench -- embed --rounds 2 --documents 50 --no-record

What is to be kept waits up to two minutes for other work to end that takes over ${inPercent(quietShare)} of the cores (Linux).
A missed budget is printed and is no failure. bench/README.md says what each figure is.
`;
}

function minutesOf({ minutes, minutesOnWeaviate }: ListedBench): string {
  return minutesOnWeaviate === undefined ? String(minutes) : `${minutes}+${minutesOnWeaviate}`;
}
