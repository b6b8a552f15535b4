/** One instruction of a Dockerfile, its continued lines joined. */
export interface Instruction {
  /** In capitals. */
  readonly name: string;
  /** `--from=checked` and its like, as `from` -> `checked`. */
  readonly flags: Readonly<Record<string, string>>;
  /** The arguments: of the JSON form where it is one, else parted by blanks. */
  readonly values: readonly string[];
}

/** As far as our own files go: no heredocs, no parser directives. https://docs.docker.com/reference/dockerfile/ */
export function parseDockerfile(text: string): Instruction[] {
  const lines = text
    .split("\n")
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join("\n")
    .replaceAll(/\\\n/g, " ")
    .split("\n");
  return lines.map((line) => {
    const [, name = "", options = "", rest = ""] = /^\s*([A-Za-z]+)((?:\s+--\S+)*)\s+(.*)$/.exec(line) ?? [];
    if (name === "") throw new Error(`no instruction: ${line}`);
    const flags = options
      .trim()
      .split(/\s+/)
      .filter((flag) => flag !== "")
      .map((flag) => /^--([^=]+)=?(.*)$/.exec(flag) ?? [])
      .map(([, key = "", value = ""]) => [key, value]);
    const values: string[] = rest.startsWith("[") ? JSON.parse(rest) : rest.trim().split(/\s+/);
    return { name: name.toUpperCase(), flags: Object.fromEntries(flags), values };
  });
}

/** The instructions of each stage, its FROM first. What stands before the first FROM is left out. */
export function stagesOf(instructions: readonly Instruction[]): Instruction[][] {
  const stages: Instruction[][] = [];
  for (const instruction of instructions) {
    if (instruction.name === "FROM") stages.push([]);
    stages.at(-1)?.push(instruction);
  }
  return stages;
}
