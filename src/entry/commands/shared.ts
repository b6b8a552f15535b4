import { openRuntime, type Runtime } from "../../compose/runtime.ts";
import { parseSettings } from "../../config/parse.ts";
import type { Environment } from "../../config/read.ts";
import type { Settings } from "../../config/settings.ts";
import { IsthmusError } from "../../core/errors.ts";
import { isLoopback } from "../../http/hosts.ts";
import { flagOption, type Invocation, textOption } from "../command.ts";
import { createFetchProgress } from "../terminal/fetch-progress.ts";
import type { Output } from "../terminal/output.ts";

/** A value from the command line that stands for a variable, and what the person calls it. */
export interface Override {
  readonly shown: string;
  readonly value: string | undefined;
}

/** The environment, with what the command line says over it. Faults name what the person typed. */
export function settingsOf(
  invocation: Invocation,
  overrides: Readonly<Record<string, Override | undefined>> = {},
): Settings {
  const given = { ISTHMUS_STORE: overriding(invocation, "store"), ...overrides };
  const { environment, names } = settingsOverrides(invocation, given);
  return parseSettings(environment, names);
}

/** The same for settings of a command's own: the environment to parse, and what a fault calls its variables. */
export function settingsOverrides(
  invocation: Invocation,
  overrides: Readonly<Record<string, Override | undefined>>,
): { readonly environment: Environment; readonly names: Readonly<Record<string, string>> } {
  const values: Record<string, string> = {};
  const names: Record<string, string> = {};
  for (const [variable, override] of Object.entries(overrides)) {
    if (override?.value === undefined) continue;
    // An empty variable counts as absent; an empty option is a slip.
    if (override.value.trim() === "") throw new IsthmusError("config_invalid", `${override.shown} is empty.`);
    values[variable] = override.value;
    names[variable] = override.shown;
  }
  return { environment: { ...invocation.environment, ...values }, names };
}

/** Of every command that works on an index. */
export const storeOption = { store: { type: "string" } } as const;
export const storeHelp = {
  store: "sqlite (default: the file in the data folder) or weaviate (at WEAVIATE_URL)",
} as const;

/** A string option as an override of a variable. */
export function overriding(invocation: Invocation, name: string): Override {
  return { shown: `--${name}`, value: textOption(invocation, name) };
}

/** A flag as an override: not given, the variable stands. */
export function overridingFlag(invocation: Invocation, name: string): Override {
  return { shown: `--${name}`, value: flagOption(invocation, name) ? "true" : undefined };
}

/**
 * Opens the shared parts, showing the download of a named model where one is needed.
 *
 * @throws an `AbortError` or `cancelled` when the signal aborts meanwhile.
 */
export async function runtimeOf(invocation: Invocation, settings: Settings, signal?: AbortSignal): Promise<Runtime> {
  const progress = createFetchProgress(invocation.output);
  try {
    const runtime = await openRuntime(settings, { onFetchProgress: progress.onProgress, ...(signal && { signal }) });
    if (signal?.aborted !== true) return runtime;
    await runtime.close();
    throw signal.reason;
  } finally {
    progress.stop();
  }
}

/** Whoever opens the server to other machines is told so, in case it was not meant. */
export function tellIfOpen(output: Output, { host }: Settings): void {
  if (isLoopback(host)) return;
  output.note(
    `Open to other machines: it listens on ${host}, and answers to everyone who can reach it and sends an API key.`,
  );
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
