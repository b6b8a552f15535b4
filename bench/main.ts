import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { argv, env, exit, stderr, stdout } from "node:process";
import type { Bench } from "./bench.ts";
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
import { parseCommandLine, UsageError, type Wanted } from "./options.ts";
import { budgetsSvg } from "./plot.ts";
import { createProgress } from "./progress.ts";
import { queryBench } from "./query.ts";
import { type Entry, entryOf, printable, record } from "./report.ts";
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

const usage = `Usage: npm run bench -- [NAME…] [options] [PATH…]

${benches.map((bench) => `  ${bench.name.padEnd(10)} ${bench.summary}`).join("\n")}
  all        each of these in turn, and the plots: what a run without a name does (eval only with PATHs)
  plot       draws the latest results: docs/performance.svg (the budgets), docs/growth.svg (the sizes)

  --rounds N      rounds of each contestant
  --documents N   documents, texts or chunks to measure on
  --cores N       workers of ours and threads of theirs (default 2)
  --full          store: embed every chunk instead of extending 20,000 embeddings
  --store NAME    memory, rerun: sqlite (default) or weaviate, a real one on this machine
  --no-python     leave the Python side out
  --no-node       leave the alternatives from npm out
  --corpus FILE   a BEIR corpus.jsonl to take texts from (or ISTHMUS_BENCH_CORPUS)
  --no-record     keep nothing under bench/results: for a try
  --json          the reports as one JSON object on stdout, for people on stderr
  --help          this

For example: npm run bench -- embed --rounds 2 --documents 50 --no-record

A missed budget is printed and is no failure. bench/README.md says what each figure is.
`;

function understood(): Wanted {
  try {
    return parseCommandLine(argv.slice(2), benches, env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    stderr.write(`${error.message}\n\n${usage}`);
    return exit(1);
  }
}

const results = join(import.meta.dirname, "results");

/** Runs one bench and says what came out. @returns the report as it is kept. */
async function run(bench: Bench, title: string, wanted: Wanted, day: Date): Promise<Entry> {
  const progress = createProgress(title);
  try {
    const machine = await describeMachine();
    const report = await bench.run(wanted.optionsOf(bench), progress, machine);
    progress.clear();
    const forPeople = wanted.json ? stderr : stdout;
    forPeople.write(printable(report, machine));
    const entry = entryOf(report, machine, new Date());
    if (wanted.recorded) forPeople.write(`written to ${await record(results, entry, day)}\n`);
    forPeople.write("\n");
    return entry;
  } finally {
    progress.clear();
  }
}

async function drawPlots(told: NodeJS.WritableStream): Promise<void> {
  const docs = join(import.meta.dirname, "..", "docs");
  const reports = await latestReports(results);
  const growth = reports.find(({ bench }) => bench === "growth");
  const plots = { "performance.svg": budgetsSvg(reports), ...(growth && { "growth.svg": growthSvg(growth) }) };
  for (const [name, plot] of Object.entries(plots)) {
    await writeFile(join(docs, name), plot);
    told.write(`written to ${join(docs, name)}\n`);
  }
}

const wanted = understood();
// Whoever has seen enough is left with no server and no gigabytes: what was started or made here goes with "exit".
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  process.once(signal, () => exit(code));
}
if (wanted.help) {
  stdout.write(usage);
  exit(0);
}
for (const note of wanted.notes) stderr.write(`${note}\n`);
const day = new Date();
const entries: Record<string, Entry> = {};
for (const [index, bench] of wanted.benches.entries()) {
  const several = wanted.benches.length > 1;
  const title = several ? `${index + 1} of ${wanted.benches.length}, ${bench.name}` : bench.name;
  try {
    const entry = await run(bench, title, wanted, day);
    entries[entry.bench] = entry;
  } catch (error) {
    // What the others take hours to measure is not lost for it.
    stderr.write(
      `${bench.name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n\n`,
    );
    process.exitCode = 1;
  }
}
if (wanted.plots) await drawPlots(wanted.json ? stderr : stdout);
if (wanted.json) stdout.write(`${JSON.stringify(entries, null, 2)}\n`);
