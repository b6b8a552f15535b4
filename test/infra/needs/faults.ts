import { readFileSync } from "node:fs";
import { join } from "node:path";
import { actionsOf } from "./aws.ts";
import { type Statement, statementsOf, type Written, writtenIn } from "./blocks.ts";
import { agentGrants, agents, apisOf, waitsFor } from "./google.ts";

/** What is missing around the resources of a copy of infra/terraform: APIs, grants, order, rights. [] when nothing is. */
export function missingAround(folder: string): string[] {
  const written = writtenIn(folder);
  return [
    ...apis(folder, written),
    ...grants(folder, written),
    ...order(written),
    ...rights(folder, written),
    ...bootstrap(folder),
  ];
}

function apis(folder: string, written: readonly Written[]): string[] {
  const list = /services = \[([^\]]*)\]/.exec(readFileSync(join(folder, "gcp/main.tf"), "utf8"))?.[1] ?? "";
  const on = new Set([...list.matchAll(/"(\w+)\.googleapis\.com"/g)].map(([, api]) => api));
  const faults = written
    .filter(({ type }) => type.startsWith("google_"))
    .flatMap(({ file, type, name }) => {
      const needed = apisOf[type];
      if (needed === undefined) return [`${file}: nobody said which API ${type} needs (test/infra/needs/google.ts)`];
      return needed.filter((api) => !on.has(api)).map((api) => `${file}: ${type}.${name} needs ${api}.googleapis.com`);
    });
  return [...new Set(faults)];
}

function grants(folder: string, written: readonly Written[]): string[] {
  const known = agentGrants.map((grant) => {
    const found = written.find(({ type, name }) => type === grant.type && name === grant.name);
    const what = `${grant.type}.${grant.name}`;
    if (found === undefined) return `${what} is not there`;
    const named = `${found.text} ${agentNamedIn(folder, found)}`;
    const agent =
      grant.agent === "storage"
        ? named.includes("data.google_storage_project_service_account.")
        : named.includes(agents[grant.agent]);
    if (!agent) return `${what} is not for the agent of ${grant.agent}`;
    if (!found.text.includes(`"${grant.role}"`)) return `${what} does not give ${grant.role}`;
    return found.text.includes(`${grant.on}.`) ? undefined : `${what} is not on ${grant.on}`;
  });
  // A grant to an agent that nobody described would be checked by nobody.
  const strange = written
    .filter(({ type, text }) => /_iam_member$/.test(type) && /gserviceaccount\.com|_agent/.test(text))
    .filter(({ type, name }) => !agentGrants.some((grant) => grant.type === type && grant.name === name))
    .map(
      ({ file, type, name }) =>
        `${file}: ${type}.${name} gives an agent something that test/infra/needs/google.ts does not know`,
    );
  return [...known.filter((fault) => fault !== undefined), ...strange];
}

/** The agent, where its name is a local value of the same file. */
function agentNamedIn(folder: string, { file, text }: Written): string {
  const [, name] = /member\s+= local\.(\w+)/.exec(text) ?? [];
  if (name === undefined) return "";
  return new RegExp(`\\b${name}\\s*=\\s*"([^"]+)"`).exec(readFileSync(join(folder, file), "utf8"))?.[1] ?? "";
}

function order(written: readonly Written[]): string[] {
  return waitsFor.flatMap(({ type, before, why }) => {
    const found = written.filter((one) => one.type === type);
    if (found.length === 0) return [`no ${type} is there`];
    return found
      .filter(({ text }) => !new RegExp(`\\b${before.replace(".", "\\.")}\\b`).test(text))
      .map(({ file, name }) => `${file}: ${type}.${name} does not wait for ${before}: ${why}`);
  });
}

function rights(folder: string, written: readonly Written[]): string[] {
  const allowed = allowedIn(statementsOf(folder, "apply_statements"));
  const faults = written
    .filter(({ type, kind }) => type.startsWith("aws_") && kind === "resource")
    .flatMap(({ file, type }) => {
      const needed = actionsOf[type];
      if (needed === undefined) return [`${file}: nobody said what applying ${type} calls (test/infra/needs/aws.ts)`];
      return needed.filter((action) => !allowed.has(action)).map((action) => `${type}: who applies lacks ${action}`);
    });
  return [...new Set(faults)];
}

export const allowedIn = (statements: readonly Statement[]) =>
  new Set(statements.filter(({ effect }) => effect === "Allow").flatMap(({ actions }) => actions));

/** An agent that is given something exists by then. Cloud Storage's is made by the data source that asks for it. */
function bootstrap(folder: string): string[] {
  const script = readFileSync(join(folder, "bootstrap.sh"), "utf8");
  const made =
    /for service in ([\w ]+); do\n\s+run gcloud beta services identity create/.exec(script)?.[1]?.split(" ") ?? [];
  const apis = { gke: "container", pubsub: "pubsub" } as const;
  return Object.values(apis)
    .filter((api) => !made.includes(api))
    .map((api) => `bootstrap.sh does not make the agent of ${api}`);
}
