import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { root as repository } from "../run.ts";
import { commit, project, stateBucket, stateBucketOf } from "./settings.ts";
import type { Ran, RunOptions, Tools } from "./tools.ts";

/** Options of every step that works on one root. */
export const terraformOptions = {
  root: { about: "Which root", choices: ["gcp", "aws", "link"] },
  project,
  "state-bucket": stateBucket,
  "link-state-bucket": {
    about: "Bucket of the link's state and plans, which hold the tunnels' secrets; default PROJECT-isthmus-link-state",
    variable: "ISTHMUS_LINK_STATE_BUCKET",
    optional: true,
  },
  terraform: { about: "Folder of the roots", fallback: "infra/terraform" },
} as const;

/** Which plan is meant, of the steps that write one or apply it. */
export const planOptions = {
  commit,
  pipeline: {
    about: "Id of the pipeline: two of one commit have plans of their own",
    variable: "CIRCLE_PIPELINE_ID",
    fallback: "by-hand",
  },
} as const;

export interface RootValues {
  readonly root: string;
  readonly project: string;
  readonly "state-bucket": string;
  readonly "link-state-bucket": string;
  readonly terraform: string;
}

/** One root, its folder and the bucket of its state. */
export interface Root {
  readonly name: string;
  readonly folder: string;
  readonly bucket: string;
}

export function rootOf(values: RootValues): Root {
  const link =
    values["link-state-bucket"] === "" ? `${values.project}-isthmus-link-state` : values["link-state-bucket"];
  return {
    name: values.root,
    folder: join(resolve(repository, values.terraform), values.root),
    bucket: values.root === "link" ? link : stateBucketOf(values),
  };
}

const lockFile = ".terraform.lock.hcl";

/** Where a plan waits for its approval: beside the state, so in a bucket as well guarded as that. */
export function planPlace({ name, bucket, folder }: Root, id: string, pipeline: string) {
  const place = `gs://${bucket}/plans/${id}/${pipeline}/${name}`;
  return { plan: `${place}.tfplan`, lock: `${place}.lock.hcl`, localLock: join(folder, lockFile) };
}

export function terraform(
  { folder }: Root,
  args: readonly string[],
  tools: Tools,
  options: RunOptions = {},
): Promise<Ran> {
  const environment = { TF_IN_AUTOMATION: "1", TF_INPUT: "0", CHECKPOINT_DISABLE: "1" };
  return tools.ask("terraform", [`-chdir=${folder}`, ...args], { environment, ...options });
}

export async function initRoot(root: Root, tools: Tools): Promise<void> {
  // The providers that the lock file names, and no newer ones.
  const locked = existsSync(join(root.folder, lockFile)) ? ["-lockfile=readonly"] : [];
  const args = [
    "init",
    "-input=false",
    "-no-color",
    "-reconfigure",
    ...locked,
    `-backend-config=bucket=${root.bucket}`,
  ];
  await terraform(root, args, tools, { show: true });
}

/** The addresses that a plan touches, by what it does to them. */
export interface PlanChanges {
  readonly create: readonly string[];
  readonly update: readonly string[];
  readonly replace: readonly string[];
  readonly destroy: readonly string[];
}

interface PlanJson {
  readonly resource_changes?: readonly {
    readonly address: string;
    readonly change: { readonly actions: readonly string[] };
  }[];
}

export async function readChanges(root: Root, file: string, tools: Tools): Promise<PlanChanges> {
  const { stdout } = await terraform(root, ["show", "-json", file], tools);
  const plan: PlanJson = JSON.parse(stdout);
  const changes = { create: [] as string[], update: [] as string[], replace: [] as string[], destroy: [] as string[] };
  for (const { address, change } of plan.resource_changes ?? []) {
    const [destroys, creates] = [change.actions.includes("delete"), change.actions.includes("create")];
    if (destroys) changes[creates ? "replace" : "destroy"].push(address);
    else if (creates) changes.create.push(address);
    else if (change.actions.includes("update")) changes.update.push(address);
  }
  return changes;
}

export function countsOf({ create, update, replace, destroy }: PlanChanges): string {
  return `${create.length} to create, ${update.length} to update, ${replace.length} to replace, ${destroy.length} to destroy`;
}

/** Everything in a plan by name: addresses hold no values. */
export function listOf(changes: PlanChanges): string {
  return Object.entries(changes)
    .flatMap(([what, addresses]: [string, readonly string[]]) => addresses.map((address) => `  ${what} ${address}`))
    .join("\n");
}
