import { leftWrong, reconcile } from "../../compose/reconcile.ts";
import { openRuntime } from "../../compose/runtime.ts";
import { openSource } from "../../compose/source.ts";
import { placeOf } from "../../compose/store.ts";
import { parseJobSettings } from "../../config/job.ts";
import type { Environment } from "../../config/read.ts";
import { IsthmusError, toIsthmusError } from "../../core/errors.ts";
import { closingAll } from "../closing.ts";
import type { JobLog } from "./log.ts";
import { showNumbers } from "./numbers.ts";
import { createJobProgress } from "./progress.ts";
import { reconciliationJson } from "./reconciliation-json.ts";
import { listenForStop, stoppedExitCode } from "./stop.ts";

/** The argument with which the Job compares bucket, manifest and chunks; with `--repair` after it, it mends them. */
export const reconcileArgument = "reconcile";
/** In the log, that of other ends has it too: the alarms read this line. */
const outcomeField = "reconciliation";

/**
 * Compares the bucket with the index. The last line of the log has the field `reconciliation`: `consistent`, `inconsistent` or
 * `failed`, with what was found.
 *
 * @returns the exit code: 0 nothing is wrong (any more), 2 something is, 1 it could not be done, 143 stopped.
 */
export async function runJobReconcile(
  environment: Environment,
  log: JobLog,
  { repair }: { readonly repair: boolean },
): Promise<number> {
  try {
    const job = parseJobSettings(environment);
    const { settings, location, shard, graceMs } = job;
    if (shard !== undefined) {
      const text = "A reconciliation is one pod's work: leave ISTHMUS_JOB_COMPLETIONS away.";
      throw new IsthmusError("config_invalid", text);
    }
    const store = placeOf(settings);
    log.write("INFO", `Comparing ${location} with ${store}`, { source: location, store, repair });
    const stop = listenForStop(graceMs, log);
    const { signal } = stop;
    const { allowMassDelete } = settings;
    try {
      const found = await closingAll(async (closing) => {
        const source = await openSource(location, settings);
        closing.add(() => source.close());
        const runtime = await openRuntime(settings, { signal });
        closing.add(() => runtime.close());
        const { telemetry } = runtime;
        log.correlate(telemetry?.ids);
        const through = await showNumbers(job, telemetry?.exposition, { closing, log, signal });
        const progress = createJobProgress(log);
        const options = { repair, allowMassDelete, signal, onEvent: progress.onEvent };
        const compare = () => reconcile(runtime, source, options).finally(() => progress.stop());
        const compared = await (telemetry === undefined ? compare() : telemetry.span("reconcile", compare));
        telemetry?.reconciled(leftWrong(compared));
        through();
        return compared;
      });
      const wrong = leftWrong(found);
      const message = wrong === 0 ? "The index says what the bucket says" : "The index and the bucket differ";
      const { findings, ...told } = reconciliationJson(found, location);
      const fields = { [outcomeField]: wrong === 0 ? "consistent" : "inconsistent", ...told };
      for (const finding of findings.slice(0, 100))
        log.write("INFO", `${finding.difference}: ${finding.uri}`, { ...finding });
      log.write(wrong === 0 ? "INFO" : "WARNING", message, fields);
      return wrong === 0 ? 0 : 2;
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
      log.write("WARNING", "Stopped; the next reconciliation begins anew, and what was mended stays.");
      return stoppedExitCode;
    } finally {
      stop.end();
    }
  } catch (thrown) {
    const error = toIsthmusError(thrown);
    log.write("ERROR", error.message, { [outcomeField]: "failed", code: error.code });
    return 1;
  }
}
