import { packageVersion } from "../compose/package.ts";
import { framesOf, IsthmusError, toIsthmusError } from "../core/errors.ts";
import type { Command } from "./command.ts";
import { commandHelp, overview } from "./help.ts";
import { parseCommandLine } from "./parse-command-line.ts";
import { surviveClosedPipes } from "./terminal/closed-pipe.ts";
import { createOutput, type Output } from "./terminal/output.ts";

/** Loaded when asked for: a command pays for its own parts only. */
const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import("./commands/start.ts")).startCommand,
  ingest: async () => (await import("./commands/ingest.ts")).ingestCommand,
  plan: async () => (await import("./commands/plan.ts")).planCommand,
  query: async () => (await import("./commands/query.ts")).queryCommand,
  ask: async () => (await import("./commands/ask.ts")).askCommand,
  serve: async () => (await import("./commands/serve.ts")).serveCommand,
  mcp: async () => (await import("./commands/mcp.ts")).mcpCommand,
  status: async () => (await import("./commands/status.ts")).statusCommand,
  verify: async () => (await import("./commands/verify.ts")).verifyCommand,
  reconcile: async () => (await import("./commands/reconcile.ts")).reconcileCommand,
  backfill: async () => (await import("./commands/backfill.ts")).backfillCommand,
  "dead-letters": async () => (await import("./commands/dead-letters.ts")).deadLettersCommand,
  held: async () => (await import("./commands/held.ts")).heldCommand,
  trace: async () => (await import("./commands/trace.ts")).traceCommand,
  delete: async () => (await import("./commands/delete.ts")).deleteCommand,
  eval: async () => (await import("./commands/eval.ts")).evalCommand,
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand,
  export: async () => (await import("./commands/export.ts")).exportCommand,
  model: async () => (await import("./commands/model.ts")).modelCommand,
};

async function main(args: readonly string[], output: Output): Promise<number> {
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
  try {
    if (load === undefined) {
      throw new IsthmusError("config_invalid", `There is no command ${JSON.stringify(name)}; see isthmus --help.`);
    }
    return await invoke(await load(), rest, output);
  } catch (thrown) {
    const error = toIsthmusError(thrown);
    output.data({ error: { code: error.code, message: error.message } });
    output.note(`isthmus: ${error.message}`);
    if (error.code === "internal" && process.env["ISTHMUS_DEBUG"] !== undefined) {
      output.note(framesOf(error.cause ?? error) ?? "");
    }
    return 1;
  }
}

async function invoke(command: Command, args: readonly string[], output: Output): Promise<number> {
  const { values, positionals } = parseCommandLine(command, args);
  if (values["help"] === true) {
    process.stdout.write(`${commandHelp(command)}\n`);
    return 0;
  }
  return await command.run({ values, positionals, output, environment: process.env });
}

const args = process.argv.slice(2);
const output = createOutput(args.includes("--json"));
let unwritten: Error | undefined;
surviveClosedPipes((error) => {
  if (unwritten === undefined) output.note(`isthmus: the output cannot be written (${error.message}).`);
  unwritten ??= error;
});
const exitCode = await main(args, output);
process.exitCode = unwritten === undefined ? exitCode : 1;
