import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { argv, exit, stderr, stdout } from "node:process";
import { parseArgs } from "node:util";
import type { Bench, BenchOptions } from "./bench.ts";
import { coldBench } from "./cold.ts";
import { embedBench } from "./embed.ts";
import { evalBench } from "./eval.ts";
import { firstRunBench } from "./first-run.ts";
import { growthBench } from "./growth.ts";
import { growthSvg } from "./growth-plot.ts";
import { ingestBench } from "./ingest.ts";
import { latestReports } from "./latest.ts";
import { describeMachine } from "./machine.ts";
import { memoryBench } from "./memory.ts";
import { budgetsSvg } from "./plot.ts";
import { createProgress } from "./progress.ts";
import { queryBench } from "./query.ts";
import { printable, record } from "./report.ts";
import { rerunBench } from "./rerun.ts";
import { storeBench } from "./store.ts";

const benches: readonly Bench[] = [
  embedBench,
  storeBench,
  ingestBench,
  rerunBench,
  growthBench,
  memoryBench,
  firstRunBench,
  coldBench,
  queryBench,
  evalBench,
];

const usage = `Usage: npm run bench -- NAME… [options] [FOLDER…]

${benches.map((bench) => `  ${bench.name.padEnd(10)} ${bench.summary}`).join("\n")}
  all        each of these in turn (eval needs folders)
  plot       draws the latest results: docs/performance.svg (the budgets), docs/growth.svg (the sizes)

  --rounds N      rounds of each contestant
  --documents N   documents, texts or chunks to measure on
  --cores N       workers of ours and threads of theirs (default 2)
  --full          store: embed every chunk instead of extending 20,000 embeddings
  --store NAME    memory, rerun: sqlite (default) or weaviate, a real one on this machine
  --no-python     leave the Python side out
  --corpus FILE   a BEIR corpus.jsonl to take texts from (or ISTHMUS_BENCH_CORPUS)

A missed budget is printed and is no failure. bench/README.md says what each figure is.
`;

function wholeNumber(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number > 0) return number;
  stderr.write(`--${name} wants a whole number above 0, not ${JSON.stringify(value)}.\n\n${usage}`);
  return exit(1);
}

function storeName(value: string): BenchOptions["store"] {
  if (value === "sqlite" || value === "weaviate") return value;
  stderr.write(`--store is ${JSON.stringify(value)}; it is sqlite or weaviate.\n\n${usage}`);
  return exit(1);
}

const { values, positionals } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  allowNegative: true,
  options: {
    rounds: { type: "string" },
    documents: { type: "string" },
    cores: { type: "string" },
    full: { type: "boolean", default: false },
    store: { type: "string", default: "sqlite" },
    python: { type: "boolean", default: true },
    corpus: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

const known = new Map(benches.map((bench) => [bench.name, bench]));
const chosen = positionals.includes("all") ? benches : positionals.flatMap((name) => known.get(name) ?? []);
const plotted = positionals.includes("plot") || positionals.includes("all");
if (values.help || (chosen.length === 0 && !plotted)) {
  stdout.write(usage);
  exit(values.help ? 0 : 1);
}

const options: BenchOptions = {
  rounds: wholeNumber("rounds", values.rounds),
  documents: wholeNumber("documents", values.documents),
  cores: wholeNumber("cores", values.cores) ?? 2,
  full: values.full,
  store: storeName(values.store),
  python: values.python,
  corpus: values.corpus ?? process.env["ISTHMUS_BENCH_CORPUS"],
  operands: positionals.filter((word) => word !== "all" && word !== "plot" && !known.has(word)),
};
const results = join(import.meta.dirname, "results");
for (const bench of chosen) {
  const progress = createProgress(bench.name);
  const machine = await describeMachine();
  const report = await bench.run(options, progress, machine);
  progress.clear();
  stdout.write(printable(report, machine));
  stdout.write(`written to ${await record(results, report, machine, new Date())}\n\n`);
}
if (plotted) {
  const docs = join(import.meta.dirname, "..", "docs");
  const reports = await latestReports(results);
  const growth = reports.find(({ bench }) => bench === "growth");
  const plots = { "performance.svg": budgetsSvg(reports), ...(growth && { "growth.svg": growthSvg(growth) }) };
  for (const [name, plot] of Object.entries(plots)) {
    await writeFile(join(docs, name), plot);
    stdout.write(`written to ${join(docs, name)}\n`);
  }
}
