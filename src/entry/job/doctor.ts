import { diagnoseStore } from "../../compose/doctor.ts";
import { openRuntime } from "../../compose/runtime.ts";
import { parseJobSettings } from "../../config/job.ts";
import type { Environment } from "../../config/read.ts";
import { toIsthmusError } from "../../core/errors.ts";
import type { JobLog } from "./log.ts";

/** The argument with which the Job looks at its way to the store, and ingests nothing. */
export const doctorArgument = "doctor";

/**
 * Walks the way from this pod to Weaviate, one finding a line, with `check` and `level` as fields.
 *
 * @returns 0 where all of it goes, 1 where a step does not.
 */
export async function runJobDoctor(environment: Environment, log: JobLog): Promise<number> {
  try {
    const { settings } = parseJobSettings(environment);
    const runtime = await openRuntime(settings);
    try {
      let healthy = true;
      for await (const { check, level, found } of diagnoseStore(settings, runtime.embedder.identity)) {
        if (level === "error") healthy = false;
        log.write(level === "error" ? "ERROR" : level === "warning" ? "WARNING" : "INFO", found, { check, level });
      }
      return healthy ? 0 : 1;
    } finally {
      await runtime.close();
    }
  } catch (thrown) {
    const error = toIsthmusError(thrown);
    log.write("ERROR", error.message, { check: "configuration", level: "error", code: error.code });
    return 1;
  }
}
