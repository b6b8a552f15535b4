import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Edge } from "../pipeline/edge/edge.ts";
import { preparedOsls } from "../support/lambda/osls.ts";

/**
 * osls that packages for real, and in place of a deployment publishes a version of each function, moves its alias and makes a snapshot of
 * the API, as the stack would.
 */
export function writeOsls(edge: Edge): string {
  const prepared = preparedOsls();
  if (prepared.skip !== false) throw new Error(prepared.skip);
  const file = join(edge.folder, "osls.mjs");
  const state = join(edge.folder, "function.json");
  writeFileSync(
    file,
    `import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
const [action, ...rest] = process.argv.slice(2);
const out = action === "deploy" ? ["--package", ${JSON.stringify(join(edge.folder, "stack"))}] : [];
const { status } = spawnSync(process.execPath, [${JSON.stringify(prepared.script)}, "package", ...rest, ...out], { stdio: "inherit" });
if (status === 0 && action === "deploy") {
  const state = JSON.parse(readFileSync(${JSON.stringify(state)}, "utf8"));
  for (const name of ["query", "answer"]) {
    const live = String(Number(state[name].versions.at(-1)) + 1);
    state[name] = { versions: [...state[name].versions, live], live };
  }
  const { deployments } = state.api ?? { deployments: [{ id: "d1" }] };
  const id = "d" + (Number(deployments.at(-1).id.slice(1)) + 1);
  state.api = { deployments: [...deployments, { id }], served: id };
  writeFileSync(${JSON.stringify(state)}, JSON.stringify(state));
}
process.exitCode = status ?? 1;
`,
  );
  return file;
}
