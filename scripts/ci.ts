// `npm run ci -- COMMAND`: every step of the pipeline, with the arguments that CircleCI gives it.
import { parseCommand, usage } from "./ci/command.ts";
import { commands } from "./ci/commands.ts";
import { createTools } from "./ci/tools.ts";

const [name, ...rest] = process.argv.slice(2);

async function main(): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h") {
    process.stdout.write(`${overview()}\n`);
    return name === undefined ? 1 : 0;
  }
  const command = commands.get(name);
  if (command === undefined) throw new Error(`there is no step ${JSON.stringify(name)}.\n\n${overview()}`);
  const parsed = parseCommand(command, rest, process.env);
  if (parsed === "help") {
    process.stdout.write(`${usage(name, command)}\n`);
    return 0;
  }
  const tools = createTools({ dryRun: parsed.dryRun, say: (line) => void process.stderr.write(`${line}\n`) });
  const { summary, data, exitCode = 0 } = await command.run(parsed.values, tools);
  process.stdout.write(parsed.json ? `${JSON.stringify({ summary, ...data })}\n` : `${summary}\n`);
  return exitCode;
}

function overview(): string {
  const lines = [...commands].map(([each, { summary }]) => `  ${each.padEnd(22)} ${summary}`);
  return `npm run ci -- STEP [--dry-run] [--json]\n\n${lines.join("\n")}\n\nExample: npm run ci -- plan-infrastructure --help`;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`npm run ci -- ${name}: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
