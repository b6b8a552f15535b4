import { defineCommand } from "../command.ts";
import { readDeployed, readImage } from "../deployed.ts";
import { commitOf } from "../git.ts";
import { createJob, followJob, listFailed } from "../job.ts";
import { clusterOptions, connect, manifestsIn } from "../kubernetes.ts";
import { commit, pollSeconds, stateBucket, stateBucketOf } from "../settings.ts";
import type { Tools } from "../tools.ts";

export const runIngestion = defineCommand({
  summary: "Runs the ingestion Job over the bucket, follows its log and ends as it ends",
  details: `Exit code 2: some documents failed, and they are listed. Every run is a Job of its own. With --reconcile, bucket, manifest
and chunks are compared and what differs is mended; exit code 2 then says that something stays wrong.`,
  example: "--project my-project --image deployed --prefix handbook/",
  options: {
    ...clusterOptions,
    image: {
      about:
        '"commit": the one built from this commit; "deployed": the one in production; or a reference with a digest',
      fallback: "commit",
    },
    reconcile: { about: "Compare and mend instead of ingesting", flag: true },
    prefix: { about: 'Only objects below it, ending in "/"; default: the whole bucket', optional: true },
    commit,
    "state-bucket": stateBucket,
    "poll-seconds": pollSeconds,
  },
  async run(values, tools) {
    const image = await imageOf(values.image, stateBucketOf(values), values.commit, tools);
    await connect(values, tools);
    const args = values.reconcile === "" ? [] : ["reconcile", "--repair"];
    const name = await createJob(manifestsIn(values), image, values.prefix, tools, args);
    if (tools.dryRun) return { summary: `the API server would take the Job with ${image}`, data: { image } };
    const { exitCode, failed } = await followJob(name, Number(values["poll-seconds"]), tools);
    const summary =
      exitCode === 0
        ? `Job ${name}: done`
        : exitCode === 2
          ? `Job ${name}: ${args.length === 0 ? "some documents failed; the others are in the index" : "something stays wrong; its log says what"}\n${listFailed(failed)}`
          : `Job ${name}: failed; its log is above`;
    return { summary, data: { job: name, image, failed }, exitCode };
  },
});

async function imageOf(wanted: string, bucket: string, named: string, tools: Tools): Promise<string> {
  if (wanted.includes("@")) return wanted;
  if (wanted === "deployed") {
    const image = (await readDeployed(bucket, tools))?.ingest_image;
    if (image === undefined)
      throw new Error("no image is deployed yet; the first deployment of the ingestion records one.");
    return image;
  }
  if (wanted !== "commit") throw new Error(`--image is ${JSON.stringify(wanted)}; see --help.`);
  const id = await commitOf(named, tools);
  const image = await readImage(bucket, id, tools);
  if (image === undefined) throw new Error(`no image was built from ${id}; run build-images first.`);
  return image;
}
