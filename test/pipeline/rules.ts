import { parametersOf, type Rule, readExcluded, readRules } from "../../scripts/ci/mapping.ts";
import { readWorkflows, type Workflow } from "./config.ts";

/** As the path-filtering orb 3.0.0 (src/scripts/create-parameters.sh): `^` and `$` around the pattern, exclusions first. */
export function parametersFor(paths: readonly string[], rules: readonly Rule[] = readRules()): Record<string, unknown> {
  const excluded = readExcluded().map(whole);
  const counted = paths.filter((path) => !excluded.some((pattern) => pattern.test(path)));
  const set = rules.filter(({ pattern }) => counted.some((path) => whole(pattern).test(path)));
  return Object.fromEntries(set.map(({ parameter, value }) => [parameter, value]));
}

function whole(pattern: string): RegExp {
  return new RegExp(`^${pattern}$`);
}

export interface Trigger {
  readonly branch: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The jobs that CircleCI runs, approvals too, by the rules of its configuration reference. */
export function jobsFor({ branch, parameters }: Trigger): string[] {
  const values: Record<string, unknown> = { rollback: "none", nightly: false, ...parameters };
  for (const name of parametersOf(readRules())) values[name] ??= false;
  return Object.values(readWorkflows())
    .filter(({ when }) => holds(when, branch, values))
    .flatMap((workflow) => runningIn(workflow, values));
}

function runningIn({ jobs }: Workflow, values: Readonly<Record<string, unknown>>): string[] {
  const running = new Set(
    jobs.filter(({ filters }) => filters === undefined || passes(filters, values)).map(({ name }) => name),
  );
  // A requirement that is filtered out counts for nothing; where all of them are, the job does not run either.
  for (let before = -1; before !== running.size; ) {
    before = running.size;
    for (const { name, requires } of jobs) {
      if (requires.length > 0 && !requires.some((required) => running.has(required))) running.delete(name);
    }
  }
  return jobs.map(({ name }) => name).filter((name) => running.has(name));
}

/** `pipeline.parameters.NAME == true`, joined by `or`: all that continue.yml uses. */
function passes(expression: string, values: Readonly<Record<string, unknown>>): boolean {
  return expression.split(/\s+or\s+/).some((term) => {
    const [, name] = /^pipeline\.parameters\.(\w+) == true$/.exec(term.trim()) ?? [];
    if (name === undefined || !Object.hasOwn(values, name)) throw new Error(`not understood: ${term}`);
    return values[name] === true;
  });
}

/** CircleCI's logic statements: `and`, `not`, `equal` and a bare value. */
function holds(statement: unknown, branch: string, values: Readonly<Record<string, unknown>>): boolean {
  if (statement === undefined) return true;
  if (typeof statement === "string") return Boolean(resolved(statement, branch, values));
  const [[operator, operand] = []] = Object.entries(statement as Record<string, unknown>);
  if (operator === "and") return (operand as unknown[]).every((each) => holds(each, branch, values));
  if (operator === "not") return !holds(operand, branch, values);
  if (operator === "equal")
    return new Set((operand as unknown[]).map((each) => resolved(each, branch, values))).size === 1;
  throw new Error(`not understood: ${JSON.stringify(statement)}`);
}

function resolved(text: unknown, branch: string, values: Readonly<Record<string, unknown>>): unknown {
  const [, name] = /^<< pipeline\.(\S+) >>$/.exec(String(text)) ?? [];
  if (name === undefined) return text;
  if (name === "git.branch") return branch;
  const parameter = name.replace(/^parameters\./, "");
  if (!Object.hasOwn(values, parameter)) throw new Error(`not understood: ${text}`);
  return values[parameter];
}
