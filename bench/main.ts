import { join } from "node:path";
import { argv, env, stderr, stdout } from "node:process";
import { weaviateBinary } from "../test/peers/weaviate.ts";
import { benches } from "./benches.ts";
import { endOnSignals, understood } from "./command.ts";
import { drawPlots } from "./draw.ts";
import { type Entry, entryOf } from "./entry.ts";
import { failureText } from "./failure.ts";
import { describeMachine, kindOf } from "./machine.ts";
import { parseCommandLine, type Run } from "./options.ts";
import { askedOptions, revision, withRecordedPaths } from "./origin.ts";
import { otherWork, waitForQuiet } from "./other-work.ts";
import { printable } from "./printable.ts";
import { createProgress, type Progress } from "./progress.ts";
import { record } from "./record.ts";
import { checkNumbers } from "./report.ts";
import { leftOfAll } from "./time-left.ts";
import { usageText } from "./usage.ts";

const wanted = understood(() => parseCommandLine(argv.slice(2), benches, env), usageText(benches));
endOnSignals();
for (const note of wanted.notes) stderr.write(`${note}\n`);

const results = join(import.meta.dirname, "results");
const forPeople = wanted.json ? stderr : stdout;
const day = new Date();
const entries: Record<string, Entry> = {};
// Before the first report changes a file.
const measured = await revision();

/** Runs one bench and says what came out. */
async function measure(run: Run, progress: Progress): Promise<void> {
  if (run.ifWeaviate) {
    const { skip } = await weaviateBinary((line) => progress.tell(line));
    if (skip !== false) {
      stderr.write(`${run.name} is left out: ${skip}\n`);
      return;
    }
  }
  // A try does not wait for a quiet machine.
  const other = wanted.recorded ? await waitForQuiet((what) => progress.tell(what)) : await otherWork();
  const machine = await describeMachine();
  const report = await run.bench.run(run.options, progress, machine);
  const parameters = withRecordedPaths(report.parameters, run.options);
  const origin = { ...measured, options: askedOptions(run), otherWork: other };
  const entry = entryOf({ ...report, parameters }, machine, origin, new Date());
  progress.clear();
  forPeople.write(printable(entry));
  checkNumbers(entry);
  entries[entry.bench] = entry;
  if (wanted.recorded) forPeople.write(`written to ${await record(results, entry, day)}\n`);
  forPeople.write("\n");
}

/** What the others take hours to measure is not lost for one that fails. */
async function attempt(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    stderr.write(`${name} failed: ${failureText(error)}\n\n`);
    process.exitCode = 1;
  }
}

for (const [index, run] of wanted.runs.entries()) {
  const start = performance.now();
  const behind = wanted.runs.slice(index).map(({ minutes }) => minutes);
  const several = wanted.runs.length > 1;
  const title = () =>
    several
      ? `${index + 1} of ${wanted.runs.length}, ${run.name}${leftOfAll(behind, (performance.now() - start) / 1000)}`
      : run.name;
  const progress = createProgress(title);
  await attempt(run.name, () => measure(run, progress).finally(() => progress.clear()));
}
if (wanted.plots) {
  await attempt("plot", async () => {
    const docs = join(import.meta.dirname, "..", "docs");
    const { written, faults } = await drawPlots(results, docs, kindOf(await describeMachine()));
    for (const path of written) forPeople.write(`written to ${path}\n`);
    if (faults.length === 0) return;
    stderr.write(`Some results were left out:\n${faults.join("\n")}\n`);
    process.exitCode = 1;
  });
}
if (wanted.json) stdout.write(`${JSON.stringify(entries, null, 2)}\n`);
