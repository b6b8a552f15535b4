import { leftWrong, type Reconciliation } from "../../compose/reconcile.ts";
import { tenths } from "../commands/summaries.ts";

/** As `--json` and the Job's log write it. */
export function reconciliationJson(found: Reconciliation, location: string) {
  const { comparison, verification, repaired, tookMs } = found;
  const { findings, refused, ...counts } = comparison;
  return {
    source: location,
    consistent: leftWrong(found) === 0,
    repaired,
    ...counts,
    damaged: verification?.damaged ?? null,
    orphaned: verification?.orphaned ?? null,
    refused: refused ?? null,
    took_ms: tenths(tookMs),
    findings,
  };
}
