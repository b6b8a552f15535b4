import type { JobSettings } from "../../config/job.ts";
import type { Closing } from "../closing.ts";
import { type Exposition, startMetrics } from "../metrics-server.ts";
import type { JobLog } from "./log.ts";

/**
 * Shows a run's numbers at `/metrics` where that was chosen. What is opened after this is closed before the last look at them.
 *
 * @returns what a run calls once it is through: then its numbers wait for one more look, as long as the settings say.
 * @throws `config_invalid` where the address cannot be had.
 */
export async function showNumbers(
  { metrics }: JobSettings,
  exposition: Exposition | undefined,
  { closing, log, signal }: { readonly closing: Closing; readonly log: JobLog; readonly signal: AbortSignal },
): Promise<() => void> {
  if (exposition === undefined) return () => {};
  const shown = await startMetrics(metrics, exposition);
  closing.add(() => shown.close());
  let through = false;
  closing.add(async () => {
    const { lastLookMs } = metrics;
    if (!through || lastLookMs === 0 || signal.aborted) return;
    log.write("INFO", `Through; the numbers at /metrics wait for one more look, ${lastLookMs / 1000} s at most.`);
    await shown.seenOnceMore(lastLookMs, signal);
  });
  return () => {
    through = true;
  };
}
