import { openIngestEngine } from "../../compose/ingest-engine.ts";
import { openRuntime } from "../../compose/runtime.ts";
import { openShard } from "../../compose/source.ts";
import { placeOf } from "../../compose/store.ts";
import { type JobSettings, parseJobSettings } from "../../config/job.ts";
import type { Environment } from "../../config/read.ts";
import { framesOf, IsthmusError, toIsthmusError } from "../../core/errors.ts";
import type { IngestSummary } from "../../core/ingest-types.ts";
import { closingAll } from "../closing.ts";
import { exitCodeOf, summaryJson } from "../commands/summaries.ts";
import { summaryLine } from "../terminal/output.ts";
import type { JobLog } from "./log.ts";
import { showNumbers } from "./numbers.ts";
import { createJobProgress } from "./progress.ts";
import { listenForStop, stoppedExitCode } from "./stop.ts";

/**
 * Brings the index up to date with a bucket, once.
 *
 * @returns the exit code: 0 all good, 2 some documents or records failed, 1 nothing more can be done, 143 stopped.
 */
export async function runJob(environment: Environment, log: JobLog): Promise<number> {
  try {
    const job = parseJobSettings(environment);
    const stop = listenForStop(job.graceMs, log);
    try {
      return await ingest(job, log, stop.signal);
    } catch (thrown) {
      if (!stop.signal.aborted || !isCancellation(thrown)) throw thrown;
      log.write("WARNING", "Stopped before the work began; run the Job again.");
      return stoppedExitCode;
    } finally {
      stop.end();
    }
  } catch (thrown) {
    writeFailure(log, toIsthmusError(thrown), environment);
    return 1;
  }
}

async function ingest(job: JobSettings, log: JobLog, signal: AbortSignal): Promise<number> {
  const { settings, location, shard, retryFailed } = job;
  const store = placeOf(settings);
  const part = shard === undefined ? "" : ` (shard ${shard.index + 1} of ${shard.count})`;
  log.write("INFO", `Bringing ${store} up to date with ${location}${part}`, {
    source: location,
    store,
    ...shardFields(job),
  });
  let ids = {};
  const summary = await closingAll(async (closing): Promise<IngestSummary> => {
    const source = await openShard(location, settings, shard);
    closing.add(() => source.close());
    const runtime = await openRuntime(settings, { signal });
    closing.add(() => runtime.close());
    const { telemetry } = runtime;
    log.correlate(telemetry?.ids);
    const through = await showNumbers(job, telemetry?.exposition, { closing, log, signal });
    signal.throwIfAborted();
    const engine = await openIngestEngine(runtime, signal);
    closing.add(() => engine.close());
    const progress = createJobProgress(log);
    const bringIn = () => {
      ids = telemetry?.ids() ?? {};
      return engine.ingest(source, { signal, retryFailed, onEvent: progress.onEvent });
    };
    try {
      const summary = await (telemetry === undefined ? bringIn() : telemetry.span("job", bringIn));
      through();
      return summary;
    } finally {
      progress.stop();
    }
  });
  const exitCode = summary.interrupted ? stoppedExitCode : exitCodeOf(summary);
  const ended = summary.interrupted ? "Stopped; the next run goes on from here: " : "Done: ";
  const severity = exitCode === 0 ? "INFO" : "WARNING";
  log.write(severity, `${ended}${summaryLine(summary)}`, { ...ids, ...summaryJson(summary), exit_code: exitCode });
  return exitCode;
}

function shardFields({ shard }: JobSettings): Record<string, number> {
  return shard === undefined ? {} : { shard: shard.index, shards: shard.count };
}

/** The last line of a program that cannot go on. */
export function writeFailure(log: JobLog, error: IsthmusError, environment: Environment): void {
  const debug = error.code === "internal" && environment["ISTHMUS_DEBUG"] !== undefined;
  log.write("ERROR", error.message, { code: error.code, ...(debug && { stack: framesOf(error.cause ?? error) }) });
}

export function isCancellation(thrown: unknown): boolean {
  if (thrown instanceof IsthmusError) return thrown.code === "cancelled";
  return thrown instanceof Error && thrown.name === "AbortError";
}
