import { readFileSync } from "node:fs";
import { join } from "node:path";

type Flags = Readonly<Record<string, "flag" | "value">>;

/** What the real programs take, by program and subcommand; flags.json names where each list comes from. */
export type FlagTable = Readonly<
  Record<
    string,
    { readonly source: string; readonly anywhere: Flags; readonly commands: Readonly<Record<string, Flags>> }
  >
>;

export interface Call {
  readonly program: string;
  /** The longest subcommand of the table that the arguments begin with. */
  readonly command: string;
  readonly flags: Readonly<Record<string, string>>;
  readonly positional: readonly string[];
  readonly args: readonly string[];
}

export function readFlagTable(): FlagTable {
  return JSON.parse(readFileSync(join(import.meta.dirname, "flags.json"), "utf8"));
}

/** Reads arguments as the real program does. @throws for a subcommand or a flag that it does not know, as it would. */
export function parseCall(table: FlagTable, program: string, args: readonly string[]): Call {
  const known = table[program];
  if (known === undefined) throw new Error(`no table of flags for ${program}`);
  const words = args.filter((arg) => !arg.startsWith("-"));
  // `kubectl -n isthmus get`: a global flag's value may stand before the subcommand.
  const starts = words.map((_, index) => words.slice(index).join(" "));
  const matches = Object.keys(known.commands).filter((name) =>
    starts.slice(0, 2).some((start) => name === "" || `${start} `.startsWith(`${name} `)),
  );
  const command = matches.sort((one, other) => other.length - one.length)[0];
  if (command === undefined) throw new Error(`${program}: unknown command: ${args.join(" ")}`);
  const allowed: Flags = { ...known.anywhere, ...known.commands[command] };
  const flags: Record<string, string> = {};
  const positional: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (!arg.startsWith("-") || arg === "-") {
      positional.push(arg);
      continue;
    }
    const [name = "", ...rest] = arg.split("=");
    const kind = allowed[name];
    if (kind === undefined) throw new Error(`${program} ${command}: unknown flag: ${name}`);
    if (kind === "flag" || rest.length > 0) flags[name] = rest.join("=");
    else {
      const value = args[++index];
      if (value === undefined) throw new Error(`${program} ${command}: ${name} needs a value`);
      flags[name] = value;
    }
  }
  const subcommand = command === "" ? [] : command.split(" ");
  return { program, command, flags, positional: positional.slice(subcommand.length), args };
}
