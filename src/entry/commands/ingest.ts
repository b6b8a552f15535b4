import { openIngestEngine } from "../../compose/ingest-engine.ts";
import { recordRun } from "../../compose/runs.ts";
import { prepareDataDirectory } from "../../compose/runtime.ts";
import { createActivity } from "../activity.ts";
import { closingAll } from "../closing.ts";
import { type Command, flagOption, type Invocation } from "../command.ts";
import { interruptedExitCode, interruptible } from "../terminal/interrupt.ts";
import { summaryLine } from "../terminal/output.ts";
import { ingestPlaces, openPlaces, tellFailed, withFailed } from "./places.ts";
import { makeRoom } from "./sample-documents.ts";
import { overriding, overridingFlag, runtimeOf, settingsOf, storeHelp, storeOption } from "./shared.ts";
import { exitCodeOf, summaryJson } from "./summaries.ts";

export const ingestCommand: Command = {
  name: "ingest",
  summary: "bring the index up to date with files and folders",
  usage: "ingest <path…> [options]",
  options: {
    ...storeOption,
    format: { type: "string" },
    "allow-mass-delete": { type: "boolean" },
    "retry-failed": { type: "boolean" },
    show: { type: "boolean" },
  },
  optionHelp: {
    ...storeHelp,
    format: "auto (by type), or lines: text files hold one document a line",
    "allow-mass-delete": "go on although over 20 % of the documents (and over 20) are gone from the source",
    "retry-failed": "try documents again that failed three times, or that a raised limit lets in now",
    show: "print what is read from the files, with headings, records and chunks, and index nothing",
  },
  examples: [
    "isthmus ingest ./my-docs report.pdf",
    "isthmus ingest --format lines questions.txt --json",
    "isthmus ingest --show report.pdf",
  ],
  positionals: [1, Number.POSITIVE_INFINITY],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { output, positionals } = invocation;
  const settings = settingsOf(invocation, {
    DOCUMENT_FORMAT: overriding(invocation, "format"),
    ISTHMUS_ALLOW_MASS_DELETE: overridingFlag(invocation, "allow-mass-delete"),
  });
  if (flagOption(invocation, "show")) {
    const { showFiles } = await import("./show.ts");
    return await interruptible(output, "Stopping…", (signal) => showFiles(invocation, settings, signal));
  }
  const work = (signal: AbortSignal) =>
    closingAll(async (closing) => {
      await prepareDataDirectory(settings);
      const { places, failures: unopened } = await openPlaces(positionals, settings, output, closing);
      const runtime = await runtimeOf(invocation, settings, signal);
      closing.add(() => runtime.close());
      const engine = await openIngestEngine(runtime, signal);
      closing.add(() => engine.close());
      await makeRoom(engine, settings, places, output);
      const retryFailed = flagOption(invocation, "retry-failed");
      const activity = createActivity();
      const scan = activity.beginScan();
      const record = recordRun(settings, activity.indexing);
      const { summary: indexed, failures } = await ingestPlaces(
        engine,
        places,
        output,
        { retryFailed, signal },
        scan,
      ).finally(record.end);
      const [first, ...others] = failures;
      const none = failures.length === places.length;
      for (const failure of none ? others : failures) output.note(`isthmus: ${failure.message}`);
      if (none && first !== undefined) throw first;
      const summary = withFailed(indexed, unopened.length);
      output.data(summaryJson(summary));
      output.line(summaryLine(summary));
      tellFailed(output, failures.length + unopened.length, positionals.length);
      if (!summary.interrupted) return exitCodeOf(summary);
      output.note("Stopped. What was indexed stays; run the same command again to go on from here.");
      return interruptedExitCode;
    });
  return await interruptible(output, "Stopping after the documents in hand…", work);
}
