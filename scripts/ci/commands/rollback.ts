import { defineCommand } from "../command.ts";
import { movesText, rollBackFunctions } from "../function-rollback.ts";
import { clusterOptions, connect } from "../kubernetes.ts";
import { functionNames, type Versions } from "../query-function.ts";
import { awsRegion, overlay, stage, stateBucket, stateBucketOf } from "../settings.ts";
import { rollBackStatefulSet, statefulSetOf, updateRevision } from "../stateful-set.ts";
import { rollBackWorker, workerName } from "./deploy-worker.ts";

export const rollBack = defineCommand({
  summary: "Goes back: the functions to earlier versions, or Weaviate or the workers to an earlier revision",
  details: `Without --to, the functions query and answer go back together, to the versions that last passed the smoke test (where these are
live, each to the one before), with the console's page as it was deployed with them, and Weaviate and the workers to the revision before. --to query=41,answer=17 names versions; a function
that it does not name stays, and a number alone is the version of query. The next push that changes it deploys what the branch holds: revert the commit as well.`,
  example: "--what function --to query=41,answer=17 --stage dev --project my-project --dry-run",
  options: {
    what: { about: "What goes back", choices: ["function", "weaviate", "worker"] },
    to: { about: "Versions of the functions, or revision (kubectl rollout history)", optional: true },
    stage,
    "aws-region": awsRegion,
    ...clusterOptions,
    overlay,
    "stateful-set": { about: "Default: the overlay's", variable: "ISTHMUS_STATEFUL_SET", optional: true },
    "state-bucket": stateBucket,
    timeout: { about: "How long the rollout may take", fallback: "20m" },
  },
  async run(values, tools) {
    if (values.what === "function") {
      const place = { stage: values.stage, region: values["aws-region"] };
      const moves = await rollBackFunctions(place, stateBucketOf(values), versionsIn(values.to), tools);
      return { summary: `live: ${movesText(moves)}`, data: moves };
    }
    if (values.to !== "" && !/^\d+$/.test(values.to))
      throw new Error(`--to is ${JSON.stringify(values.to)}; it is a number.`);
    await connect(values, tools);
    if (values.what === "worker") {
      await rollBackWorker(values.to, values.timeout, tools);
      const where = values.to === "" ? "the revision before" : `revision ${values.to}`;
      return { summary: `${workerName} is at ${where}`, data: {} };
    }
    const name = values["stateful-set"] === "" ? statefulSetOf(values.overlay) : values["stateful-set"];
    const failed = await updateRevision(name, tools);
    const revision = values.to === "" ? {} : { revision: values.to };
    await rollBackStatefulSet(name, { failed, ...revision, timeout: values.timeout }, tools);
    return {
      summary: `${name} is at ${values.to === "" ? "the revision before" : `revision ${values.to}`}`,
      data: { from: failed },
    };
  },
});

/** @throws for what is neither `41` nor `query=41,answer=17`. */
export function versionsIn(text: string): Partial<Versions> {
  if (text === "") return {};
  const named = text.split(",").map((part) => {
    const [, name = "query", version] = /^(?:([a-z]+)=)?(\d+)$/.exec(part) ?? [];
    if (version === undefined || !functionNames.some((known) => known === name))
      throw new Error(`--to is ${JSON.stringify(text)}; it is a number, or as query=41,answer=17.`);
    return [name, version] as const;
  });
  return Object.fromEntries(named);
}
