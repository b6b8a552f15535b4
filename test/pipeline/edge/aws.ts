import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Call } from "./flags.ts";

/** A function's versions, and where its alias points. */
export interface OneFunction {
  readonly versions: readonly string[];
  readonly live: string;
}

/** The functions and their API, as AWS would know them. */
export interface FunctionState {
  readonly query: OneFunction;
  readonly answer: OneFunction;
  readonly url: string;
  readonly key: string;
}

export const functionFile = (edge: string) => join(edge, "function.json");

/** `aws` for the functions, whose state is a file. */
export function lambda(edge: string, { program, command, flags }: Call): boolean {
  if (program !== "aws" || !existsSync(functionFile(edge))) return false;
  const state: FunctionState = JSON.parse(readFileSync(functionFile(edge), "utf8"));
  const one = () => {
    const [, name] = /^rag-query-api-dev-(query|answer)$/.exec(flags["--function-name"] ?? "") ?? [];
    if (name === undefined) throw new Error(`(ResourceNotFoundException) ${flags["--function-name"]}`);
    return name as "query" | "answer";
  };
  const answers: Readonly<Record<string, () => unknown>> = {
    "lambda get-alias": () => ({ Name: "live", FunctionVersion: state[one()].live }),
    "lambda list-versions-by-function": () => ({
      Versions: ["$LATEST", ...state[one()].versions].map((Version) => ({ Version })),
    }),
    "lambda update-alias": () => {
      const live = flags["--function-version"] ?? "";
      const of = state[one()];
      if (!of.versions.includes(live)) throw new Error(`(ResourceNotFoundException) version ${live}`);
      writeFileSync(functionFile(edge), JSON.stringify({ ...state, [one()]: { ...of, live } }));
      return { Name: "live", FunctionVersion: live };
    },
    "cloudformation describe-stacks": () => ({
      Stacks: [{ Outputs: [{ OutputKey: "ServiceEndpoint", OutputValue: state.url }] }],
    }),
    "apigateway get-api-keys": () => ({ items: [{ name: flags["--name-query"], value: state.key }] }),
  };
  const answer = answers[command];
  if (answer === undefined) return false;
  process.stdout.write(JSON.stringify(answer()));
  return true;
}
