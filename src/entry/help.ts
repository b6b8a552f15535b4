import type { Command } from "./command.ts";

/** The text of `isthmus --help`. */
export function overview(commands: readonly Command[], version: string): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  return [
    `isthmus ${version}: find the passages of your documents that answer a question`,
    "",
    "Usage: isthmus <command> [options]",
    "",
    "Commands:",
    ...commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    "",
    "Every command has --help, with an example, and --json.",
    "",
    "Start with:",
    "  isthmus start ./my-docs",
    '  isthmus query "how long are backups kept?"',
  ].join("\n");
}

/** The text of `isthmus <command> --help`. */
export function commandHelp(command: Command): string {
  const options = {
    ...command.optionHelp,
    json: "write the result as one JSON value on stdout",
    help: "show this help",
  };
  const labels = Object.keys(options).map((name) => {
    const option = command.options[name];
    return option?.type === "string" ? `--${name} <value>` : `--${name}`;
  });
  const width = Math.max(...labels.map((label) => label.length));
  return [
    `${command.summary[0]?.toUpperCase()}${command.summary.slice(1)}.`,
    "",
    `Usage: isthmus ${command.usage}`,
    "",
    "Options:",
    ...Object.values(options).map((text, index) => `  ${(labels[index] ?? "").padEnd(width)}  ${text}`),
    "",
    command.examples.length === 1 ? "Example:" : "Examples:",
    ...command.examples.map((example) => `  ${example}`),
  ].join("\n");
}
