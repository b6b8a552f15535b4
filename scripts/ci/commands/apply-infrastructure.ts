import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inScratch, readObject } from "../bucket.ts";
import { defineCommand } from "../command.ts";
import { commitOf } from "../git.ts";
import {
  countsOf,
  initRoot,
  planOptions,
  planPlace,
  readChanges,
  rootOf,
  terraform,
  terraformOptions,
} from "../terraform.ts";

export const applyInfrastructure = defineCommand({
  summary: "Applies the plan of this commit and pipeline, and no other",
  details: `Refuses a plan that destroys or replaces anything, unless --allow-destroy. A plan that another one has overtaken since is
refused by Terraform itself: plan again.`,
  example: "--root gcp --project my-project --dry-run",
  options: {
    ...terraformOptions,
    ...planOptions,
    "allow-destroy": { about: "Apply what destroys or replaces", flag: true },
  },
  async run(values, tools) {
    const root = rootOf(values);
    const place = planPlace(root, await commitOf(values.commit, tools), values.pipeline);
    return await inScratch(async (folder) => {
      const file = join(folder, "plan");
      await tools.ask("gcloud", ["storage", "cp", place.plan, file]);
      const lock = await readObject(place.lock, tools);
      if (lock !== undefined) await writeFile(place.localLock, lock);
      await initRoot(root, tools);
      const changes = await readChanges(root, file, tools);
      const lost = [...changes.destroy, ...changes.replace];
      if (lost.length > 0 && values["allow-destroy"] === "") {
        throw new Error(
          `the plan of ${root.name} destroys or replaces ${lost.join(", ")}. Nothing was applied. If that is meant, ` +
            "run the pipeline again with the parameter allow_destroy (by hand: --allow-destroy).",
        );
      }
      const args = ["apply", "-input=false", "-no-color", "-lock-timeout=10m", file];
      if (tools.dryRun) tools.say(`(dry run) + terraform -chdir=${root.folder} ${args.join(" ")}`);
      else await terraform(root, args, tools, { show: true });
      // It holds secrets, and nobody can use it any more. The bucket keeps versions, and none of it may stay.
      await tools.change("gcloud", ["storage", "rm", "--all-versions", place.plan]);
      return { summary: `${root.name}: applied ${countsOf(changes)}`, data: { root: root.name, ...changes } };
    });
  },
});
