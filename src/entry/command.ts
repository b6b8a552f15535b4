import type { ParseArgsOptionsConfig } from "node:util";
import type { Environment } from "../config/read.ts";
import type { Output } from "./terminal/output.ts";

export interface Invocation {
  readonly positionals: readonly string[];
  /** By option name; absent when not given. */
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
  readonly output: Output;
  readonly environment: Environment;
}

/** One `isthmus` command: what `--help` shows, what it accepts, what it does. */
export interface Command {
  readonly name: string;
  /** A few words, for the list of commands. */
  readonly summary: string;
  /** After `isthmus `, for example `ingest <path…> [options]`. */
  readonly usage: string;
  /** Besides `--help` and `--json`, which every command has. */
  readonly options: ParseArgsOptionsConfig;
  /** A line for each option. */
  readonly optionHelp: Readonly<Record<string, string>>;
  readonly examples: readonly string[];
  /** Positionals allowed: fewest and most. */
  readonly positionals: readonly [number, number];
  /** What to do, where more were given than are allowed; default: the usage. */
  readonly tooMany?: (positionals: readonly string[]) => string;
  /** Returns the exit code: 0 all good, 2 some documents failed, 1 fatal (thrown errors are 1 as well). */
  run(invocation: Invocation): Promise<number>;
}

/** The value of a string option. */
export function textOption(invocation: Invocation, name: string): string | undefined {
  const value = invocation.values[name];
  return typeof value === "string" ? value : undefined;
}

export function flagOption(invocation: Invocation, name: string): boolean {
  return invocation.values[name] === true;
}
