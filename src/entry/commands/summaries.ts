import type { IngestSummary } from "../../core/ingest-types.ts";

/** Sums up the runs over several sources. */
export function addSummaries(summaries: readonly IngestSummary[]): IngestSummary {
  const total = (key: Exclude<keyof IngestSummary, "interrupted">) =>
    summaries.reduce((sum, summary) => sum + summary[key], 0);
  return {
    added: total("added"),
    changed: total("changed"),
    unchanged: total("unchanged"),
    removed: total("removed"),
    failed: total("failed"),
    skipped: total("skipped"),
    empty: total("empty"),
    faults: total("faults"),
    passedOver: total("passedOver"),
    chunks: total("chunks"),
    embedded: total("embedded"),
    tookMs: total("tookMs"),
    interrupted: summaries.some((summary) => summary.interrupted),
  };
}

/** The summary as `--json` writes it: keys in snake_case, like every other JSON of the commands and the API. */
export function summaryJson({ tookMs, interrupted, passedOver, ...counts }: IngestSummary) {
  return { ...counts, passed_over: passedOver, took_ms: tenths(tookMs), interrupted };
}

/** Milliseconds with one decimal: more is noise. */
export function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}

/** 0 all good, 2 some documents or records failed, or gave no text where there should be some. */
export function exitCodeOf(summary: IngestSummary): number {
  return summary.failed > 0 || summary.faults > 0 ? 2 : 0;
}
