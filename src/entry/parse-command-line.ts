import { parseArgs } from "node:util";
import { IsthmusError } from "../core/errors.ts";
import type { Command, Invocation } from "./command.ts";

/** @throws `config_invalid`, one sentence that names what was typed and one that says where to look. */
export function parseCommandLine(
  command: Command,
  args: readonly string[],
): Pick<Invocation, "values" | "positionals"> {
  const parsed = parse(command, args);
  const given = parsed.positionals.length;
  const [fewest, most] = command.positionals;
  if (parsed.values["help"] === true || (given >= fewest && given <= most)) return parsed;
  const advice = given > most ? command.tooMany?.(parsed.positionals) : undefined;
  throw new IsthmusError(
    "config_invalid",
    advice ?? `Usage: isthmus ${command.usage} (see isthmus ${command.name} --help).`,
  );
}

function parse(command: Command, args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...command.options, help: { type: "boolean", short: "h" }, json: { type: "boolean" } },
    });
  } catch (error) {
    const fault = sentence(command, error instanceof Error ? error.message : String(error));
    throw new IsthmusError("config_invalid", `${fault} See isthmus ${command.name} --help.`, { cause: error });
  }
}

/** Node's messages are made for programmers: `Unknown option '--fast'. To specify a positional argument …`. */
function sentence(command: Command, message: string): string {
  const option = /--?[\w-]+(?=[\s',])/.exec(message)?.[0];
  if (option === undefined) return message;
  if (message.startsWith("Unknown option")) return `isthmus ${command.name} has no option ${option}.`;
  if (message.includes("does not take an argument")) return `${option} takes no value.`;
  if (message.includes("ambiguous")) return `${option} is followed by something like an option; write ${option}=VALUE.`;
  return `${option} needs a value.`;
}
