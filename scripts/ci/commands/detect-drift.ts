import { join } from "node:path";
import { inScratch } from "../bucket.ts";
import { defineCommand } from "../command.ts";
import { countsOf, initRoot, listOf, readChanges, rootOf, terraform, terraformOptions } from "../terraform.ts";

export const detectDrift = defineCommand({
  summary: "Compares a cloud with its Terraform root",
  details: "Changes nothing and holds no lock. Exit code 2: they differ, and what differs is listed.",
  example: "--root aws --project my-project --json",
  options: terraformOptions,
  async run(values, tools) {
    const root = rootOf(values);
    await initRoot(root, tools);
    return await inScratch(async (folder) => {
      const file = join(folder, "plan");
      const args = ["plan", "-input=false", "-no-color", "-lock=false", "-detailed-exitcode", `-out=${file}`];
      const { code } = await terraform(root, args, tools, { expected: [0, 2] });
      if (code === 0) return { summary: `${root.name}: as the code says`, data: { root: root.name, drift: false } };
      const changes = await readChanges(root, file, tools);
      return {
        summary: `${root.name}: drift: ${countsOf(changes)}\n${listOf(changes)}`,
        data: { root: root.name, drift: true, ...changes },
        exitCode: 2,
      };
    });
  },
});
