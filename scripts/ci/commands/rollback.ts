import { defineCommand } from "../command.ts";
import { rollBackFunction } from "../function-rollback.ts";
import { clusterOptions, connect } from "../kubernetes.ts";
import { awsRegion, overlay, stage, stateBucket, stateBucketOf } from "../settings.ts";
import { rollBackStatefulSet, statefulSetOf, updateRevision } from "../stateful-set.ts";
import { rollBackWorker, workerName } from "./deploy-worker.ts";

export const rollBack = defineCommand({
  summary: "Goes back: the function to an earlier version, or Weaviate or the workers to an earlier revision",
  details: `Without --to, the function goes back to the version that last passed the smoke test (or the one before the present), and
Weaviate and the workers to the revision before. The next push that changes it deploys what the branch holds: revert the commit as well.`,
  example: "--what function --to 41 --stage dev --project my-project --dry-run",
  options: {
    what: { about: "What goes back", choices: ["function", "weaviate", "worker"] },
    to: { about: "Version of the function, or revision (kubectl rollout history)", optional: true },
    stage,
    "aws-region": awsRegion,
    ...clusterOptions,
    overlay,
    "stateful-set": { about: "Default: the overlay's", variable: "ISTHMUS_STATEFUL_SET", optional: true },
    "state-bucket": stateBucket,
    timeout: { about: "How long the rollout may take", fallback: "20m" },
  },
  async run(values, tools) {
    if (values.to !== "" && !/^\d+$/.test(values.to))
      throw new Error(`--to is ${JSON.stringify(values.to)}; it is a number.`);
    if (values.what === "function") {
      const place = { stage: values.stage, region: values["aws-region"] };
      const { from, to } = await rollBackFunction(place, stateBucketOf(values), values.to, tools);
      return { summary: `live is version ${to} (was ${from})`, data: { from, to } };
    }
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
