import { parseArgs } from "node:util";
import type { Tools } from "./tools.ts";

/** An argument of a step: `--name VALUE`, or a flag. */
export interface Option {
  readonly about: string;
  /** Where its value comes from when it is not given: CircleCI's context, or CircleCI itself. */
  readonly variable?: string;
  readonly fallback?: string;
  readonly choices?: readonly string[];
  readonly flag?: true;
  /** Left out, it is "". */
  readonly optional?: true;
}

export type Options = Readonly<Record<string, Option>>;

/** The values of the options by name; a flag is "true" or "". */
export type Values<O extends Options = Options> = { readonly [name in keyof O]: string };

export interface Outcome {
  /** One or more lines for a person. */
  readonly summary: string;
  /** What `--json` adds to the summary. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Default 0. */
  readonly exitCode?: number;
}

export interface Command<O extends Options = Options> {
  readonly summary: string;
  readonly details: string;
  readonly example: string;
  readonly options: O;
  run(values: Values<O>, tools: Tools): Promise<Outcome>;
}

/** Lets TypeScript know the names of the options inside `run`. */
export function defineCommand<const O extends Options>(command: Command<O>): Command {
  return command as unknown as Command;
}

export interface Parsed {
  readonly values: Values;
  readonly dryRun: boolean;
  readonly json: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const common = {
  "dry-run": { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** @throws naming every fault at once. */
export function parseCommand(command: Command, args: readonly string[], environment: Environment): Parsed | "help" {
  const own = Object.entries(command.options).map(
    ([name, { flag }]) => [name, { type: flag === true ? ("boolean" as const) : ("string" as const) }] as const,
  );
  const parsed = parseArgs({ args: [...args], options: { ...Object.fromEntries(own), ...common } });
  const given: Readonly<Record<string, unknown>> = parsed.values;
  if (given["help"] === true) return "help";
  const faults: string[] = [];
  const values = Object.entries(command.options).map(([name, option]) => {
    const value = chosen(option, given[name], environment);
    if (value === undefined) faults.push(`--${name} is missing${option.variable ? ` (or ${option.variable})` : ""}`);
    if (value && option.choices !== undefined && !option.choices.includes(value))
      faults.push(`--${name} is ${JSON.stringify(value)}; it is one of ${option.choices.join(", ")}`);
    return [name, value ?? ""] as const;
  });
  if (faults.length > 0) throw new Error(`${faults.join("; ")}. See --help.`);
  return { values: Object.fromEntries(values), dryRun: given["dry-run"] === true, json: given["json"] === true };
}

function chosen(option: Option, given: unknown, environment: Environment): string | undefined {
  if (option.flag === true) return given === true ? "true" : "";
  if (typeof given === "string" && given !== "") return given;
  const fromVariable = option.variable === undefined ? undefined : environment[option.variable];
  if (fromVariable !== undefined && fromVariable !== "") return fromVariable;
  return option.fallback ?? (option.optional === true ? "" : undefined);
}

export function usage(name: string, command: Command): string {
  const lines = Object.entries(command.options).map(([each, option]) => {
    const form = option.flag === true ? `--${each}` : `--${each} ${option.choices?.join("|") ?? "VALUE"}`;
    const origin = [option.variable, option.fallback && `default ${option.fallback}`].filter(Boolean).join(", ");
    return `  ${form}\n      ${option.about}${origin === "" ? "" : ` (${origin})`}`;
  });
  return [
    `npm run ci -- ${name} [options] [--dry-run] [--json]`,
    `${command.summary}.`,
    command.details,
    [
      ...lines,
      "  --dry-run\n      Asks and checks, and prints what it would change.",
      "  --json\n      One line of JSON.",
    ].join("\n"),
    `Example: npm run ci -- ${name} ${command.example}`,
  ].join("\n\n");
}
