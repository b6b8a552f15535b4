import { openIngestEngine } from "../../compose/engine.ts";
import { openSource } from "../../compose/source.ts";
import type { IngestSummary } from "../../core/ingest-types.ts";
import { type Command, flagOption, type Invocation, textOption } from "../command.ts";
import { interruptedExitCode, listenForInterrupt } from "../terminal/interrupt.ts";
import { summaryLine } from "../terminal/output.ts";
import { createProgress } from "../terminal/progress.ts";
import { addSummaries, exitCodeOf, runtimeOf, settingsOf } from "./shared.ts";

export const ingestCommand: Command = {
  name: "ingest",
  summary: "bring the index up to date with files and folders",
  usage: "ingest <path…> [options]",
  options: {
    format: { type: "string" },
    "allow-mass-delete": { type: "boolean" },
    "retry-failed": { type: "boolean" },
  },
  optionHelp: {
    format: "auto (by type), or lines: text files hold one document a line",
    "allow-mass-delete": "go on although over 20 % of the documents (and over 20) are gone from the source",
    "retry-failed": "try documents again that failed three times",
  },
  examples: ["isthmus ingest ./my-docs report.pdf", "isthmus ingest --format lines questions.txt --json"],
  positionals: [1, Number.POSITIVE_INFINITY],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { output, positionals } = invocation;
  const allowMassDelete = flagOption(invocation, "allow-mass-delete");
  const settings = settingsOf(invocation, {
    DOCUMENT_FORMAT: textOption(invocation, "format"),
    ISTHMUS_ALLOW_MASS_DELETE: allowMassDelete ? "true" : undefined,
  });
  const interrupt = listenForInterrupt(() => output.note("\nStopping after the documents in hand…"));
  const runtime = await runtimeOf(invocation, settings, interrupt.signal);
  try {
    const engine = await openIngestEngine(runtime);
    try {
      const summaries: IngestSummary[] = [];
      for (const location of positionals) {
        const progress = createProgress(output);
        const source = await openSource(location, settings);
        try {
          const retryFailed = flagOption(invocation, "retry-failed");
          const { signal } = interrupt;
          summaries.push(await engine.ingest(source, { retryFailed, signal, onEvent: progress.onEvent }));
        } finally {
          progress.stop();
          await source.close();
        }
        if (interrupt.signal.aborted) break;
      }
      const summary = addSummaries(summaries);
      output.data(summary);
      output.line(summaryLine(summary));
      if (!summary.interrupted) return exitCodeOf(summary);
      output.note("Stopped. What was indexed stays; run the same command again to go on from here.");
      return interruptedExitCode;
    } finally {
      await engine.close();
    }
  } finally {
    await runtime.close();
    interrupt.stop();
  }
}
