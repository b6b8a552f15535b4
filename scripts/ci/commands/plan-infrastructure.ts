import { existsSync } from "node:fs";
import { join } from "node:path";
import { inScratch } from "../bucket.ts";
import { defineCommand } from "../command.ts";
import { commitOf } from "../git.ts";
import {
  countsOf,
  initRoot,
  listOf,
  planOptions,
  planPlace,
  readChanges,
  rootOf,
  terraform,
  terraformOptions,
} from "../terraform.ts";

export const planInfrastructure = defineCommand({
  summary: "Plans one Terraform root and keeps the plan for its approval",
  details: `The plan of this commit and pipeline goes into the bucket of the root's state, never into a workspace: a plan holds secrets in the clear.
apply-infrastructure applies that very file.`,
  example: "--root gcp --project my-project",
  options: { ...terraformOptions, ...planOptions },
  async run(values, tools) {
    const root = rootOf(values);
    const id = await commitOf(values.commit, tools);
    await initRoot(root, tools);
    return await inScratch(async (folder) => {
      const file = join(folder, "plan");
      // Who plans may only read, and a lock is written: Terraform itself refuses a plan that another apply has overtaken.
      const args = ["plan", "-input=false", "-no-color", "-lock=false", "-detailed-exitcode", `-out=${file}`];
      await terraform(root, args, tools, { expected: [0, 2], show: true });
      const changes = await readChanges(root, file, tools);
      const place = planPlace(root, id, values.pipeline);
      await tools.change("gcloud", ["storage", "cp", file, place.plan]);
      if (existsSync(place.localLock)) await tools.change("gcloud", ["storage", "cp", place.localLock, place.lock]);
      const destructive = changes.destroy.length + changes.replace.length > 0;
      const warning = destructive ? "\nIt destroys or replaces: applying it needs allow_destroy." : "";
      return {
        summary: `${root.name}: ${countsOf(changes)}\n${listOf(changes)}${warning}`,
        data: { root: root.name, plan: place.plan, ...changes },
      };
    });
  },
});
