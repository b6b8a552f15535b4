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
  /** Snapshots of the API, oldest first, and the one that its stage serves; without them there is one. */
  readonly api?: { readonly deployments: readonly ApiSnapshot[]; readonly served: string };
}

interface ApiSnapshot {
  readonly id: string;
  readonly description?: string;
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
  const api = state.api ?? { deployments: [{ id: "d1" }], served: "d1" };
  const patched = () => (JSON.parse(flags["--patch-operations"] ?? "[]") as { path: string; value: string }[])[0];
  const known = (id: string | undefined) => {
    if (!api.deployments.some((one) => one.id === id)) throw new Error(`(NotFoundException) deployment ${id}`);
    return id;
  };
  const keep = (changed: FunctionState["api"]) =>
    writeFileSync(functionFile(edge), JSON.stringify({ ...state, api: changed }));
  const answers: Readonly<Record<string, () => unknown>> = {
    "cloudformation describe-stack-resource": () => ({ StackResourceDetail: { PhysicalResourceId: "api1" } }),
    "apigateway get-stage": () => ({ deploymentId: api.served }),
    "apigateway get-deployments": () => ({
      // In no order.
      items: api.deployments
        .map((one, at) => ({ ...one, createdDate: `2026-11-${String(at + 10)}T00:00:00+00:00` }))
        .reverse(),
    }),
    "apigateway update-deployment": () => {
      const id = known(flags["--deployment-id"]);
      const change = patched();
      if (change?.path !== "/description") throw new Error(`(BadRequestException) ${change?.path}`);
      keep({
        ...api,
        deployments: api.deployments.map((one) => (one.id === id ? { ...one, description: change.value } : one)),
      });
      return {};
    },
    "apigateway update-stage": () => {
      const change = patched();
      if (change?.path !== "/deploymentId") throw new Error(`(BadRequestException) ${change?.path}`);
      keep({ ...api, served: known(change.value) ?? "" });
      return {};
    },
    "apigateway delete-deployment": () => {
      const id = known(flags["--deployment-id"]);
      if (id === api.served) throw new Error("(BadRequestException) Active stages pointing to this deployment");
      keep({ ...api, deployments: api.deployments.filter((one) => one.id !== id) });
      return {};
    },
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
