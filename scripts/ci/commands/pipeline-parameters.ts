import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { defineCommand } from "../command.ts";
import { parametersOf, readRules } from "../mapping.ts";

export const pipelineParameters = defineCommand({
  summary: "Completes the parameters that the path filter wrote",
  details: `Sets all of them where there is nothing to compare with (ISTHMUS_RUN_EVERYTHING, of base-revision), and says what runs.`,
  example: "--file /tmp/pipeline-parameters.json --everything true --dry-run",
  options: {
    file: { about: "JSON object of the parameters, written in place" },
    everything: {
      about: "Run everything",
      variable: "ISTHMUS_RUN_EVERYTHING",
      fallback: "false",
      choices: ["true", "false"],
    },
  },
  async run({ file, everything }, tools) {
    if (!existsSync(file))
      throw new Error(`${file} is not there; the orb's set-parameters writes it (to try: echo '{}' >${file}).`);
    const changed: Record<string, unknown> = JSON.parse(await readFile(file, "utf8"));
    const known = parametersOf(readRules());
    const strange = Object.keys(changed).filter((name) => !known.includes(name));
    if (strange.length > 0)
      throw new Error(`${file} sets ${strange.join(", ")}, which .circleci/paths.conf does not know`);
    const parameters = everything === "true" ? Object.fromEntries(known.map((name) => [name, true])) : changed;
    if (!tools.dryRun) await writeFile(file, JSON.stringify(parameters));
    const set = Object.keys(parameters);
    return { summary: set.length === 0 ? "nothing but the tests runs" : set.join("\n"), data: { parameters } };
  },
});
