import { readFileSync } from "node:fs";
import { join } from "node:path";

/** An orb as it was published: orbs.json, taken from each one's source at the commit that it names. */
interface Orb {
  /** Whose commands these are. */
  readonly version: string;
  /** All that were published, of late. */
  readonly versions: readonly string[];
  readonly commands: Readonly<Record<string, Readonly<Record<string, Parameter>>>>;
}

interface Parameter {
  readonly type: "string" | "boolean" | "integer" | "enum" | "env_var_name";
  readonly required: boolean;
  readonly enum?: readonly string[];
}

const known: Readonly<Record<string, Orb>> = JSON.parse(readFileSync(join(import.meta.dirname, "orbs.json"), "utf8"));

// biome-ignore lint/suspicious/noExplicitAny: the shape is CircleCI's, and its own schema checks it.
type Config = any;

/** A step that calls a command of an orb, wherever it stands. */
interface Call {
  readonly place: string;
  readonly alias: string;
  readonly command: string;
  readonly given: Readonly<Record<string, unknown>>;
}

/** What CircleCI would refuse of a configuration's orbs: versions, commands and parameters that are not there. */
export function orbFaults(config: Config): string[] {
  const faults: string[] = [];
  for (const [alias, reference] of Object.entries<string>(config.orbs ?? {})) {
    const [name = "", version = ""] = reference.split("@");
    const orb = known[name];
    if (orb === undefined) faults.push(`${alias}: nothing is known of ${name} (test/pipeline/orbs.json)`);
    else if (!orb.versions.includes(version)) faults.push(`${alias}: ${name} has no version ${version}`);
    else if (orb.version !== version) faults.push(`${alias}: what is known is of ${name} ${orb.version}`);
  }
  for (const { place, alias, command, given } of callsIn(config)) {
    const orb = known[String(config.orbs?.[alias]).split("@")[0] ?? ""];
    const parameters = orb?.commands[command];
    if (parameters === undefined) {
      faults.push(`${place}: ${alias} has no command ${command}`);
      continue;
    }
    for (const [name, value] of Object.entries(given)) {
      const parameter = parameters[name];
      if (parameter === undefined) faults.push(`${place}: ${alias}/${command} has no parameter ${name}`);
      else if (!fits(value, parameter))
        faults.push(`${place}: ${name} is ${JSON.stringify(value)}, no ${parameter.type}`);
    }
    for (const [name, { required }] of Object.entries(parameters))
      if (required && given[name] === undefined) faults.push(`${place}: ${alias}/${command} wants ${name}`);
  }
  return faults;
}

function fits(value: unknown, { type, enum: choices }: Parameter): boolean {
  // What CircleCI fills in has the type that its own declaration says.
  if (typeof value === "string" && /^<< [\w.]+ >>$/.test(value)) return true;
  if (type === "boolean") return typeof value === "boolean";
  if (type === "integer") return Number.isInteger(value);
  if (type === "enum") return choices?.includes(String(value)) === true;
  if (type === "env_var_name") return typeof value === "string" && /^[A-Za-z_]\w*$/.test(value);
  return typeof value === "string" || typeof value === "number";
}

function callsIn(config: Config): Call[] {
  const found: Call[] = [];
  function walk(value: unknown, place: string): void {
    if (Array.isArray(value)) for (const [index, each] of value.entries()) walk(each, `${place}[${index}]`);
    else if (typeof value === "string") add(value, {}, place);
    else if (typeof value === "object" && value !== null)
      for (const [key, each] of Object.entries(value)) {
        add(key, each, place);
        walk(each, `${place}.${key}`);
      }
  }
  function add(name: string, given: unknown, place: string): void {
    const [, alias = "", command = ""] = /^([a-z0-9-]+)\/([\w-]+)$/.exec(name) ?? [];
    if (config.orbs?.[alias] !== undefined)
      found.push({ place: `${place}.${name}`, alias, command, given: (given ?? {}) as Record<string, unknown> });
  }
  walk({ jobs: config.jobs, commands: config.commands }, "");
  return found;
}

const identities = /^(GCP|AWS)_(PLAN|APPLY|DEPLOY)_(SERVICE_ACCOUNT|ROLE_ARN)$/;

/** Jobs that would act as somebody else than they should, or by something else than their own token. */
export function identityFaults(config: Config): string[] {
  const faults: string[] = [];
  for (const { place, alias, given } of callsIn(config)) {
    if (alias === "gcp-cli" && given["use_oidc"] !== true) faults.push(`${place}: not by the job's own token`);
    if (alias === "aws-cli" && given["role_arn"] === undefined) faults.push(`${place}: as nobody`);
  }
  for (const [job, { steps }] of Object.entries<Config>(config.jobs ?? {})) {
    const expected = /^(plan|detect)_/.test(job) ? "PLAN" : /^apply_/.test(job) ? "APPLY" : "DEPLOY";
    for (const right of rightsIn(steps, config))
      if (right !== expected) faults.push(`${job}: acts with the right to ${right}`);
  }
  return faults;
}

/** PLAN, APPLY or DEPLOY, of each step that takes an identity; a command of ours counts with its own default or what it is given. */
function rightsIn(steps: readonly Config[], config: Config): string[] {
  return steps.flatMap((step) => {
    const [name = "", given] = typeof step === "string" ? [step, {}] : (Object.entries<Config>(step)[0] ?? []);
    const command = config.commands?.[name];
    if (command === undefined) {
      const values = Object.values((given ?? {}) as Record<string, unknown>).map((value) =>
        String(value).replace(/[${}]/g, ""),
      );
      return values.flatMap((value) => identities.exec(value)?.[2] ?? []);
    }
    const defaults = Object.entries<Config>(command.parameters ?? {}).map(
      ([key, each]) => [key, each.default] as const,
    );
    const values = Object.values({ ...Object.fromEntries(defaults), ...given }).map((value) =>
      String(value).replace(/[${}]/g, ""),
    );
    return [...values.flatMap((value) => identities.exec(value)?.[2] ?? []), ...rightsIn(command.steps, config)];
  });
}
