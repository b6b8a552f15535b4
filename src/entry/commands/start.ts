import { type IngestEngine, openIngestEngine } from "../../compose/engine.ts";
import { openSource, sampleLocations } from "../../compose/source.ts";
import type { IngestSummary } from "../../core/ingest-types.ts";
import type { Source } from "../../core/ports.ts";
import { type Command, flagOption, type Invocation, textOption } from "../command.ts";
import { listenForInterrupt } from "../terminal/interrupt.ts";
import { count, type Output, summaryLine } from "../terminal/output.ts";
import { createProgress } from "../terminal/progress.ts";
import { aborted } from "./serve.ts";
import { serve } from "./serving.ts";
import { addSummaries, runtimeOf, settingsOf } from "./shared.ts";
import { type Watched, watch } from "./watching.ts";

export const startCommand: Command = {
  name: "start",
  summary: "index files and folders, then answer queries over HTTP",
  usage: "start [path…] [options]",
  options: {
    watch: { type: "boolean" },
    port: { type: "string" },
    format: { type: "string" },
    "allow-mass-delete": { type: "boolean" },
  },
  optionHelp: {
    watch: "keep the index true as files are added, changed and removed",
    port: "port to listen on (PORT, default 3000; 0 picks a free one)",
    format: "auto (by type), or lines: text files hold one document a line",
    "allow-mass-delete": "go on although over 20 % of the documents (and over 20) are gone from the source",
  },
  examples: ["isthmus start", "isthmus start ./my-docs other.pdf --watch"],
  positionals: [0, Number.POSITIVE_INFINITY],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { output, positionals } = invocation;
  const settings = settingsOf(invocation, {
    PORT: textOption(invocation, "port"),
    DOCUMENT_FORMAT: textOption(invocation, "format"),
    ISTHMUS_ALLOW_MASS_DELETE: flagOption(invocation, "allow-mass-delete") ? "true" : undefined,
  });
  const locations = positionals.length === 0 ? sampleLocations() : positionals;
  const interrupt = listenForInterrupt(() => output.note("\nStopping…"));
  const closing: (() => Promise<void>)[] = [];
  const onClose = (close: () => Promise<void>) => closing.unshift(close);
  try {
    const runtime = await runtimeOf(invocation, settings, interrupt.signal);
    onClose(() => runtime.close());
    const engine = await openIngestEngine(runtime);
    onClose(() => engine.close());
    const places: Watched[] = [];
    for (const location of locations) {
      const source = await openSource(location, settings);
      onClose(() => source.close());
      places.push({ location, source });
    }
    const sources = places.map((place) => place.source);
    const serving = await serve(runtime, output);
    onClose(() => serving.close());
    output.line(
      `${output.style("bold", "Isthmus")} serves ${output.style("cyan", serving.url)}; state in ${settings.dataDir}`,
    );
    const scanned = Promise.withResolvers<void>();
    if (flagOption(invocation, "watch")) {
      const watching = await watch(engine, places, settings, output, interrupt.signal, scanned.promise);
      onClose(() => watching.close());
    }
    const summary = await ingestAll(engine, sources, output, interrupt.signal).finally(scanned.resolve);
    if (summary.interrupted) {
      output.note("Stopped. What was indexed stays; run the same command again to go on from here.");
      return 0;
    }
    output.line(`Indexed: ${summaryLine(summary)}`);
    await printNext(engine, sources, output, serving.url, positionals.length === 0);
    if (flagOption(invocation, "watch")) {
      output.line();
      output.line(`Watching ${count(sources.length, "place")} for changes (Ctrl-C stops).`);
    }
    await aborted(interrupt.signal);
    return 0;
  } finally {
    for (const close of closing) await close();
    interrupt.stop();
  }
}

async function ingestAll(
  engine: IngestEngine,
  sources: readonly Source[],
  output: Output,
  signal: AbortSignal,
): Promise<IngestSummary> {
  const summaries: IngestSummary[] = [];
  for (const source of sources) {
    const progress = createProgress(output);
    try {
      summaries.push(await engine.ingest(source, { signal, onEvent: progress.onEvent }));
    } finally {
      progress.stop();
    }
    if (signal.aborted) break;
  }
  return addSummaries(summaries);
}

async function printNext(
  engine: IngestEngine,
  sources: readonly Source[],
  output: Output,
  url: string,
  sample: boolean,
): Promise<void> {
  const question = sample ? "what happens when a document is deleted?" : "your question";
  output.line();
  output.line("Try next:");
  output.line(`  open ${url} in a browser, or`);
  output.line(`  curl -s ${url}/query -H 'content-type: application/json' -d '{"query": "${question}"}'`);
  output.line(`  npx isthmus query "${question}"`);
  if (sample) output.line("  npm start -- ./my-docs other.pdf      (your own files)");
  const others = await documentsElsewhere(engine, sources);
  if (others === 0) return;
  output.line();
  output.line(
    `The index also holds ${count(others, "document")} from earlier commands: \`npx isthmus status --documents\` lists them, \`npx isthmus delete <path>\` removes them.`,
  );
}

/** Documents in the index that none of these sources covers. */
async function documentsElsewhere(engine: IngestEngine, sources: readonly Source[]): Promise<number> {
  const all = await engine.manifest.count("");
  let covered = 0;
  for (const { scope } of sources) {
    if (scope.endsWith("/")) covered += (await engine.manifest.count(scope)).documents;
    else
      covered += (await engine.manifest.entries([scope])).filter((entry) => entry.current?.state === "indexed").length;
  }
  return Math.max(0, all.documents - covered);
}
