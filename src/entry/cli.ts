import { parseArgs } from "node:util";
import { packageVersion } from "../compose/package.ts";
import { IsthmusError, toIsthmusError } from "../core/errors.ts";
import type { Command } from "./command.ts";
import { commandHelp, overview } from "./help.ts";
import { createOutput } from "./terminal/output.ts";

/** Loaded when asked for: a command pays for its own parts only. */
const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import("./commands/start.ts")).startCommand,
  ingest: async () => (await import("./commands/ingest.ts")).ingestCommand,
  query: async () => (await import("./commands/query.ts")).queryCommand,
  serve: async () => (await import("./commands/serve.ts")).serveCommand,
  status: async () => (await import("./commands/status.ts")).statusCommand,
  delete: async () => (await import("./commands/delete.ts")).deleteCommand,
  eval: async () => (await import("./commands/eval.ts")).evalCommand,
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand,
  model: async () => (await import("./commands/model.ts")).modelCommand,
};

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    const commands = await Promise.all(Object.values(loaders).map((load) => load()));
    process.stdout.write(`${overview(commands, packageVersion())}\n`);
    return 0;
  }
  if (name === "--version" || name === "-v") {
    process.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  const load = Object.hasOwn(loaders, name) ? loaders[name] : undefined;
  const json = args.includes("--json");
  try {
    if (load === undefined) {
      throw new IsthmusError("config_invalid", `There is no command ${JSON.stringify(name)}; see isthmus --help.`);
    }
    return await invoke(await load(), rest, json);
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
