import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../run.ts";

/** One line of `.circleci/paths.conf`. */
export interface Rule {
  /** POSIX extended; the orb wants the whole path to match. */
  readonly pattern: string;
  readonly parameter: string;
  readonly value: unknown;
}

const folder = join(root, ".circleci");

export function readRules(): Rule[] {
  return meaningful("paths.conf").map((line) => {
    const [pattern = "", parameter = "", value = "", ...more] = line.split(/\s+/);
    if (value === "" || more.length > 0) throw new Error(`.circleci/paths.conf: ${line}: expected three columns`);
    return { pattern, parameter, value: JSON.parse(value) };
  });
}

export function readExcluded(): string[] {
  return meaningful("paths-excluded.conf");
}

/** The parameters that changes set, each once. */
export function parametersOf(rules: readonly Rule[]): string[] {
  return [...new Set(rules.map(({ parameter }) => parameter))];
}

function meaningful(file: string): string[] {
  const lines = readFileSync(join(folder, file), "utf8").split("\n");
  return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
}
