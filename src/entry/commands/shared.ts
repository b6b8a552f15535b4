import { openRuntime, type Runtime } from "../../compose/runtime.ts";
import { parseSettings } from "../../config/parse.ts";
import type { Settings } from "../../config/settings.ts";
import { IsthmusError } from "../../core/errors.ts";
import type { IngestSummary } from "../../core/ingest-types.ts";
import { type Invocation, textOption } from "../command.ts";
import { createFetchProgress } from "../terminal/fetch-progress.ts";

/** The environment, with what the command line says over it. */
export function settingsOf(
  invocation: Invocation,
  overrides: Readonly<Record<string, string | undefined>> = {},
): Settings {
  const given = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
  return parseSettings({ ...invocation.environment, ...given });
}

/** Opens the shared parts, showing the download of a named model where one is needed. */
export async function runtimeOf(invocation: Invocation, settings: Settings, signal?: AbortSignal): Promise<Runtime> {
  const progress = createFetchProgress(invocation.output);
  try {
    return await openRuntime(settings, { onFetchProgress: progress.onProgress, ...(signal && { signal }) });
  } finally {
    progress.stop();
  }
}

export function integerOption(invocation: Invocation, name: string): number | undefined {
  const value = textOption(invocation, name);
  if (value === undefined) return undefined;
  if (/^-?\d+$/.test(value)) return Number(value);
  throw new IsthmusError("config_invalid", `--${name} is ${JSON.stringify(value)}; it is a whole number.`);
}

export function choiceOption<Value extends string>(
  invocation: Invocation,
  name: string,
  values: readonly Value[],
): Value | undefined {
  const value = textOption(invocation, name);
  const known = values.find((candidate) => candidate === value);
  if (value === undefined || known !== undefined) return known;
  throw new IsthmusError("config_invalid", `--${name} is ${JSON.stringify(value)}; it is one of ${values.join(", ")}.`);
}

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
    chunks: total("chunks"),
    embedded: total("embedded"),
    tookMs: total("tookMs"),
    interrupted: summaries.some((summary) => summary.interrupted),
  };
}

/** 0 all good, 2 some documents or records failed. */
export function exitCodeOf(summary: IngestSummary): number {
  return summary.failed > 0 || summary.faults > 0 ? 2 : 0;
}
