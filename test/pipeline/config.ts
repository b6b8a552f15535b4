import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { root } from "../../scripts/run.ts";

/** One job in a workflow, as continue.yml names it. */
export interface WorkflowJob {
  /** As it is shown and required: `name` where there is one. */
  readonly name: string;
  /** The job's definition. */
  readonly job: string;
  readonly approval: boolean;
  readonly requires: readonly string[];
  readonly filters: string | undefined;
  readonly contexts: readonly string[];
  readonly serialGroup: string | undefined;
}

export interface Workflow {
  readonly when: unknown;
  readonly jobs: readonly WorkflowJob[];
}

// biome-ignore lint/suspicious/noExplicitAny: the shape is CircleCI's, and its own schema checks it.
export function readConfig(file: "config.yml" | "continue.yml"): any {
  return parse(readFileSync(join(root, ".circleci", file), "utf8"));
}

export function readWorkflows(): Record<string, Workflow> {
  const { workflows } = readConfig("continue.yml");
  return Object.fromEntries(
    Object.entries<Readonly<Record<string, unknown>>>(workflows).map(([name, workflow]) => [
      name,
      { when: workflow["when"], jobs: (workflow["jobs"] as readonly unknown[]).map(readJob) },
    ]),
  );
}

function readJob(entry: unknown): WorkflowJob {
  if (typeof entry === "string") return describe(entry, {});
  const [[job = "", settings = {}] = []] = Object.entries(entry as Record<string, Record<string, unknown>>);
  return describe(job, settings);
}

function describe(job: string, settings: Readonly<Record<string, unknown>>): WorkflowJob {
  return {
    name: (settings["name"] as string | undefined) ?? job,
    job,
    approval: settings["type"] === "approval",
    requires: (settings["requires"] as readonly string[] | undefined) ?? [],
    filters: settings["filters"] as string | undefined,
    contexts: [(settings["context"] as string | readonly string[] | undefined) ?? []].flat(),
    serialGroup: settings["serial-group"] as string | undefined,
  };
}

/** Every `run` step of a file: those of its jobs, its commands and the steps inside conditions. */
export function runSteps(file: "config.yml" | "continue.yml"): { place: string; command: string }[] {
  const config = readConfig(file);
  const found: { place: string; command: string }[] = [];
  function walk(value: unknown, place: string): void {
    for (const [index, each] of Array.isArray(value) ? value.entries() : []) walk(each, `${place}[${index}]`);
    if (Array.isArray(value) || typeof value !== "object" || value === null) return;
    for (const [key, each] of Object.entries(value)) {
      if (key === "run") found.push({ place, command: typeof each === "string" ? each : each.command });
      else walk(each, `${place}.${key}`);
    }
  }
  walk({ jobs: config.jobs, commands: config.commands }, file);
  return found;
}
