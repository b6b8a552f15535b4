import { parseArgs } from "node:util";
import { packageVersion } from "../compose/package.ts";
import { IsthmusError, toIsthmusError } from "../core/errors.ts";
import type { Command } from "./command.ts";
import { deleteCommand } from "./commands/delete.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { evalCommand } from "./commands/eval.ts";
import { ingestCommand } from "./commands/ingest.ts";
import { modelCommand } from "./commands/model.ts";
import { queryCommand } from "./commands/query.ts";
import { serveCommand } from "./commands/serve.ts";
import { startCommand } from "./commands/start.ts";
import { statusCommand } from "./commands/status.ts";
import { commandHelp, overview } from "./help.ts";
import { createOutput } from "./terminal/output.ts";

const commands: readonly Command[] = [
  startCommand,
  ingestCommand,
  queryCommand,
  serveCommand,
  statusCommand,
  deleteCommand,
  evalCommand,
  doctorCommand,
  modelCommand,
];

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(`${overview(commands, packageVersion())}\n`);
    return 0;
  }
  if (name === "--version" || name === "-v") {
    process.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  const json = args.includes("--json");
  try {
    if (command === undefined) {
      throw new IsthmusError("config_invalid", `There is no command ${JSON.stringify(name)}; see isthmus --help.`);
    }
    return await invoke(command, rest, json);
  } catch (thrown) {
    const error = toIsthmusError(thrown);
    if (json) process.stdout.write(`${JSON.stringify({ error: { code: error.code, message: error.message } })}\n`);
    process.stderr.write(`isthmus: ${error.message}\n`);
    if (error.code === "internal" && process.env["ISTHMUS_DEBUG"] !== undefined && error.stack !== undefined) {
      process.stderr.write(`${thrown instanceof Error ? thrown.stack : error.stack}\n`);
    }
    return 1;
  }
}

async function invoke(command: Command, args: readonly string[], json: boolean): Promise<number> {
  const { values, positionals } = parsed(command, args);
  if (values["help"] === true) {
    process.stdout.write(`${commandHelp(command)}\n`);
    return 0;
  }
  const [fewest, most] = command.positionals;
  if (positionals.length < fewest || positionals.length > most) {
    throw new IsthmusError("config_invalid", `Usage: isthmus ${command.usage} (see isthmus ${command.name} --help).`);
  }
  return await command.run({ values, positionals, output: createOutput(json), environment: process.env });
}

function parsed(command: Command, args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...command.options, help: { type: "boolean", short: "h" }, json: { type: "boolean" } },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new IsthmusError("config_invalid", `${reason} See isthmus ${command.name} --help.`, { cause: error });
  }
}

process.exitCode = await main(process.argv.slice(2));
