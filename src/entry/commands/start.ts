import { type IngestEngine, openIngestEngine } from "../../compose/ingest-engine.ts";
import { recordRun } from "../../compose/runs.ts";
import { prepareDataDirectory } from "../../compose/runtime.ts";
import { markSample, sampleLocations } from "../../compose/sample.ts";
import { hasUploads, openUploads } from "../../compose/uploads.ts";
import type { Settings } from "../../config/settings.ts";
import type { IngestEvent } from "../../core/ingest-types.ts";
import { createActivity } from "../activity.ts";
import { closingAll, createClosing } from "../closing.ts";
import { type Command, flagOption, type Invocation } from "../command.ts";
import { interruptedExitCode, interruptible } from "../terminal/interrupt.ts";
import { count, type Output, summaryLine, visible } from "../terminal/output.ts";
import { ingestPlaces, openPlaces, type Place, withFailed } from "./places.ts";
import { makeRoom } from "./sample-documents.ts";
import { aborted } from "./serve.ts";
import { serve } from "./serving.ts";
import { overriding, overridingFlag, runtimeOf, settingsOf, tellIfOpen } from "./shared.ts";
import { summaryJson } from "./summaries.ts";
import { printTips } from "./tips.ts";
import { queueOf, watch } from "./watching.ts";

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
    watch:
      "keep the index true as files are added, changed and removed; a bucket by its notifications (ISTHMUS_SUBSCRIPTION)",
    port: "port to listen on (PORT, default 3000; 0 picks a free one)",
    format: "auto (by type), or lines: text files hold one document a line",
    "allow-mass-delete": "go on although over 20 % of the documents (and over 20) are gone from the source",
  },
  examples: [
    "isthmus start",
    "isthmus start ./my-docs other.pdf --watch",
    "isthmus start gs://my-bucket/docs/ --watch",
  ],
  positionals: [0, Number.POSITIVE_INFINITY],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const settings = settingsOf(invocation, {
    PORT: overriding(invocation, "port"),
    DOCUMENT_FORMAT: overriding(invocation, "format"),
    ISTHMUS_ALLOW_MASS_DELETE: overridingFlag(invocation, "allow-mass-delete"),
  });
  return await interruptible(invocation.output, "Stopping…", (signal) => indexAndServe(invocation, settings, signal));
}

async function indexAndServe(invocation: Invocation, settings: Settings, signal: AbortSignal): Promise<number> {
  const { output, positionals } = invocation;
  const sample = positionals.length === 0;
  const watched = flagOption(invocation, "watch");
  const queue = watched ? queueOf(positionals, invocation.environment) : undefined;
  return await closingAll(async (closing) => {
    const sources = createClosing();
    const closeSources = closing.add(() => sources.closeAll());
    await prepareDataDirectory(settings);
    const { places, failures: unopened } = await openPlaces(
      sample ? sampleLocations() : positionals,
      settings,
      output,
      sources,
    );
    // What came over HTTP before is a place of its own.
    const added = hasUploads(settings)
      ? (await openPlaces([openUploads(settings).folder], settings, output, sources)).places
      : [];
    const runtime = await runtimeOf(invocation, settings, signal);
    closing.add(() => runtime.close());
    const engine = await openIngestEngine(runtime);
    const closeEngine = closing.add(() => engine.close());
    await settleSample(engine, settings, places, output, sample);
    const activity = createActivity();
    // Before the first answer: whoever asks in the first seconds is told that there is more to come.
    const scan = activity.beginScan();
    // As long as this command writes itself, what is asked for over HTTP is written beside it.
    let shared: IngestEngine | undefined = engine;
    const openWriter = async () =>
      shared === undefined ? await openIngestEngine(runtime) : { ...shared, close: async () => {} };
    const serving = await serve(runtime, output, activity, openWriter);
    closing.add(() => serving.close());
    announce(output, serving.url, settings);
    const watching = watched ? await watch(engine, places, settings, queue, output, signal, activity) : undefined;
    if (watching !== undefined) closing.add(() => watching.close());

    const record = recordRun(settings, activity.indexing);
    const onEvent = (event: IngestEvent) => {
      scan.onEvent(event);
      serving.editing.heard(event);
    };
    const heard = { ...scan, onEvent };
    const { summary: indexed, failures } = await ingestPlaces(engine, [...places, ...added], output, { signal }, heard)
      .finally(scan.end)
      .finally(record.end);
    // Where nothing had changed, this alone tells of a model that cannot be loaded.
    await serving.ready();
    const summary = withFailed(indexed, unopened.length);
    output.data({ url: serving.url, summary: summaryJson(summary) });
    if (summary.interrupted) {
      output.note("Stopped. What was indexed stays; run the same command again to go on from here.");
      return interruptedExitCode;
    }
    for (const failure of failures) {
      output.note(`isthmus: ${failure.message}\nServing goes on, with what was indexed there before.`);
    }
    output.line(`Indexed: ${summaryLine(summary)}`);
    if (!output.json) await printTips(output, engine.manifest, [...places, ...added], serving.url, sample);
    if (watching === undefined) {
      // The scan is through: other commands may write now.
      await serving.editing.handOver(async () => {
        shared = undefined;
        await closeEngine();
      });
      await closeSources();
    } else {
      watching.begin();
      output.line();
      output.line(`Watching ${count(places.length, "place")} for changes (Ctrl-C stops).`);
    }
    await aborted(signal);
    return 0;
  });
}

/** The sample documents are noted when they come, and leave when a person names documents of their own. */
async function settleSample(
  engine: IngestEngine,
  settings: Settings,
  places: readonly Place[],
  output: Output,
  sample: boolean,
): Promise<void> {
  if (!sample) await makeRoom(engine, settings, places, output);
  else {
    const scopes = places.map((place) => place.source.scope);
    await markSample(settings, engine.manifest, scopes);
  }
}

function announce(output: Output, url: string, settings: Settings): void {
  if (output.json) output.note(`Isthmus serves ${url}`);
  output.line(
    `${output.style("bold", "Isthmus")} serves ${output.style("cyan", url)}; state in ${visible(settings.dataDir)}`,
  );
  tellIfOpen(output, settings);
}
