import { appendFile } from "node:fs/promises";
import { defineCommand } from "../command.ts";
import { readDeployed } from "../deployed.ts";
import { commitOf, isAncestor } from "../git.ts";
import { commit, repository, stateBucket, stateBucketOf } from "../settings.ts";
import type { Tools } from "../tools.ts";

/** The path filter's base, or everything where there is nothing to compare with. */
interface Base {
  readonly base: string;
  readonly everything: boolean;
  readonly reason: string;
}

export const baseRevision = defineCommand({
  summary: "Finds the commit that the changes are counted from",
  details: `On main, with --deployed: the last commit that was deployed and passed the smoke test, so that a failed deployment is
not forgotten. Where none is recorded, or the recorded one is no longer behind this one, everything runs.
On a branch: where it left main. The answer goes to the file that CircleCI reads its environment from (BASH_ENV), as
BASE_REVISION and ISTHMUS_RUN_EVERYTHING.`,
  example: "--deployed --project my-project --json",
  options: {
    deployed: { about: "Compare with what is deployed", flag: true },
    project: { about: "Google Cloud project, with --deployed", variable: "GOOGLE_PROJECT_ID", optional: true },
    "state-bucket": stateBucket,
    commit,
    repository,
    environment: { about: "File that the answer is added to", variable: "BASH_ENV", optional: true },
  },
  async run(values, tools) {
    const head = await commitOf(values.commit, tools, values.repository);
    if (values.deployed !== "" && values.project === "" && values["state-bucket"] === "")
      throw new Error("--deployed needs --project (or GOOGLE_PROJECT_ID).");
    const found =
      values.deployed === "" ? branchBase() : await deployedBase(stateBucketOf(values), head, values.repository, tools);
    if (values.environment !== "" && !tools.dryRun) {
      const lines = [`export BASE_REVISION=${found.base}`, `export ISTHMUS_RUN_EVERYTHING=${found.everything}`];
      await appendFile(values.environment, `${lines.join("\n")}\n`);
    }
    return { summary: `${found.base}: ${found.reason}`, data: { ...found } };
  },
});

function branchBase(): Base {
  return { base: "origin/main", everything: false, reason: "the branch's changes against main" };
}

async function deployedBase(bucket: string, head: string, folder: string, tools: Tools): Promise<Base> {
  const deployed = await readDeployed(bucket, tools);
  if (deployed === undefined)
    return { base: head, everything: true, reason: "nothing is deployed yet, everything runs" };
  if (!(await isAncestor(deployed.commit, head, folder, tools))) {
    return { base: head, everything: true, reason: `${deployed.commit} is not behind this commit, everything runs` };
  }
  return {
    base: deployed.commit,
    everything: false,
    reason: "the last commit that was deployed and passed the smoke test",
  };
}
