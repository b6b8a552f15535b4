import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Call } from "./flags.ts";

/** The function, its versions and its API, as AWS would know them. */
export interface FunctionState {
  readonly versions: readonly string[];
  readonly live: string;
  readonly url: string;
  readonly key: string;
}

export const functionFile = (edge: string) => join(edge, "function.json");

/** `aws` for one function, whose state is a file. */
export function lambda(edge: string, { program, command, flags }: Call): boolean {
  if (program !== "aws" || !existsSync(functionFile(edge))) return false;
  const state: FunctionState = JSON.parse(readFileSync(functionFile(edge), "utf8"));
  const answers: Readonly<Record<string, () => unknown>> = {
    "lambda get-alias": () => ({ Name: "live", FunctionVersion: state.live }),
    "lambda list-versions-by-function": () => ({
      Versions: ["$LATEST", ...state.versions].map((Version) => ({ Version })),
    }),
    "lambda update-alias": () => {
      const live = flags["--function-version"] ?? "";
      if (!state.versions.includes(live)) throw new Error(`(ResourceNotFoundException) version ${live}`);
      writeFileSync(functionFile(edge), JSON.stringify({ ...state, live }));
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
