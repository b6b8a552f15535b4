import { placeOf } from "../../compose/store.ts";
import { isSound, type VerifyEvent, type VerifyReport, verifyIndex } from "../../core/verify.ts";
import { closingAll } from "../closing.ts";
import { type Command, flagOption, type Invocation } from "../command.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { count, duration, grouped, type Output, readable, visible } from "../terminal/output.ts";
import { runtimeOf, settingsOf, storeHelp, storeOption } from "./shared.ts";
import { tenths } from "./summaries.ts";

/** Damaged documents told by name; `--json` has more. */
const told = 20;
const liveEveryMs = 200;

const meaning = {
  missing: "chunks are missing",
  duplicated: "chunks are there twice",
  foreign: "chunks name another document",
  vector: "vectors are absent, or of another model",
  unindexed: "chunks are not in every index",
} as const;

export const verifyCommand: Command = {
  name: "verify",
  summary: "compare what the index says with what it holds, and mend it",
  usage: "verify [options]",
  options: { ...storeOption, repair: { type: "boolean" }, "allow-mass-delete": { type: "boolean" } },
  optionHelp: {
    ...storeHelp,
    repair: "take damaged documents out, so that the next ingest writes them again, and sweep what dead writers left",
    "allow-mass-delete": "repair although over 20 % of the documents (and over 20) are damaged",
  },
  examples: ["isthmus verify", "isthmus verify --repair --json"],
  positionals: [0, 0],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { output } = invocation;
  const settings = settingsOf(invocation);
  const repair = flagOption(invocation, "repair");
  return await interruptible(output, "Stopping; nothing was changed yet, or only what is said above.", (signal) =>
    closingAll(async (closing) => {
      const runtime = await runtimeOf(invocation, settings, signal);
      closing.add(() => runtime.close());
      const audit = await runtime.store.openAudit(runtime.embedder.identity, repair ? "repair" : "look", signal);
      closing.add(() => audit.close());
      const progress = createVerifyProgress();
      const allowMassDelete = flagOption(invocation, "allow-mass-delete") || settings.allowMassDelete;
      const options = { repair, allowMassDelete, signal, onEvent: progress.onEvent };
      const report = await verifyIndex(audit, options).finally(progress.stop);
      output.data(reportJson(report));
      print(output, report, placeOf(settings));
      // What was found counts, mended or not: an operator is to know of it once.
      return report.damaged + report.orphaned.attempts === 0 ? 0 : 2;
    }),
  );
}

function print(output: Output, report: VerifyReport, place: string): void {
  const { damaged, orphaned, inProgress, problems, repaired } = report;
  const looked = `${count(report.documents, "document")} with ${count(report.chunks, "chunk")} in ${visible(place)}`;
  output.line(`Looked at ${looked} in ${duration(report.tookMs)}.`);
  for (const [problem, documents] of Object.entries(problems) as [keyof typeof meaning, number][]) {
    if (documents > 0) output.line(output.style("red", `  ${count(documents, "document")}: ${meaning[problem]}`));
  }
  for (const { row, found } of report.damages.slice(0, told)) {
    output.line(`    ${readable(row.uri)}: ${found} of ${count(row.chunks, "chunk")}`);
  }
  if (damaged > told) output.line(`    … and ${damaged - told} more: isthmus verify --json`);
  if (orphaned.attempts > 0) {
    output.line(
      `  ${count(orphaned.chunks, "chunk")} of ${count(orphaned.attempts, "attempt")} that died: not seen by any search`,
    );
  }
  if (inProgress > 0) output.line(`  ${count(inProgress, "attempt")} in progress, or too young to be given up`);
  if (isSound(report) && !repaired) output.line("The index holds what it says.");
  else if (repaired && damaged > 0) output.line("Taken out; run isthmus ingest to write them again.");
  else if (repaired) output.line("Swept.");
  else output.line("isthmus verify --repair mends it.");
}

function reportJson({ damages, orphans, orphaned, inProgress, tookMs, ...rest }: VerifyReport) {
  return {
    ...rest,
    sound: isSound({ ...rest, orphaned, inProgress }),
    orphaned,
    in_progress: inProgress,
    took_ms: tenths(tookMs),
    damages: damages.map(({ row, problems, found }) => ({ uri: row.uri, problems, found, committed: row.chunks })),
    orphans: orphans.map(({ newestMs: _, ...stray }) => stray),
  };
}

/** A live line on a terminal, nothing where the output is piped: the report has it all. */
function createVerifyProgress() {
  const live = process.stderr.isTTY === true;
  let shownAt = 0;
  return {
    onEvent(event: VerifyEvent) {
      if (!live || event.kind !== "progress" || performance.now() - shownAt < liveEveryMs) return;
      shownAt = performance.now();
      const share = event.total === 0 ? 100 : Math.floor((event.documents / event.total) * 100);
      process.stderr.write(`\r\x1b[2KVerifying: ${grouped(event.documents)} documents, ${share} %`);
    },
    stop() {
      if (live) process.stderr.write("\r\x1b[2K");
    },
  };
}
