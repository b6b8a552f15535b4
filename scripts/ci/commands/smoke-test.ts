import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { defineCommand } from "../command.ts";
import { type Deployed, readDeployed, readImage, recordDeployed } from "../deployed.ts";
import { takeBack, versionsText } from "../function-rollback.ts";
import { commitOf } from "../git.ts";
import { clusterOptions, connect, manifestsIn } from "../kubernetes.ts";
import {
  apiKey,
  apiUrl,
  type FunctionPlace,
  functionNames,
  liveVersions,
  newestVersion,
  type Versions,
} from "../query-function.ts";
import { awsRegion, commit, pollSeconds, repository, stage, stateBucket, stateBucketOf } from "../settings.ts";
import { type Probe, proveDocument } from "../smoke.ts";
import type { Tools } from "../tools.ts";

export const smokeTest = defineCommand({
  summary:
    "Puts a new document into the bucket, ingests it, finds it and has it cited through the public API, and removes it",
  details: `First the console's page must be there. Then the functions query and answer are both asked. A page that is not there, a document that is not found, or an answer without a citation that stands word for
word in it, rolls both functions back to the versions that last passed, and the page with them. With --record, the commit is written down as deployed, and the
next push is compared with it; that wants the newest versions of the functions to be live, for what was taken back proves nothing of
this commit.`,
  example: "--project my-project --stage dev --bucket my-project-isthmus-documents --dry-run",
  options: {
    ...clusterOptions,
    stage,
    "aws-region": awsRegion,
    commit,
    repository,
    "state-bucket": stateBucket,
    bucket: {
      about: "Bucket of the documents; default PROJECT-isthmus-documents",
      variable: "GCS_BUCKET_NAME",
      optional: true,
    },
    record: { about: "Record the commit as deployed", flag: true },
    "api-url": { about: "Default: what the stack says", optional: true },
    "api-key-file": { about: "Default: API Gateway is asked for the stage's first key", optional: true },
    "poll-seconds": pollSeconds,
    attempts: { about: "How often the API is asked before it counts as not found", fallback: "6" },
  },
  async run(values, tools) {
    const place = { stage: values.stage, region: values["aws-region"] };
    const state = stateBucketOf(values);
    const id = await commitOf(values.commit, tools, values.repository);
    const image = (await readImage(state, id, tools)) ?? (await readDeployed(state, tools))?.ingest_image;
    if (image === undefined) throw new Error("no image of the ingestion Job is known; run build-images first.");
    await connect(values, tools);
    const versions = await liveVersions(place, tools);
    const url = values["api-url"] === "" ? await apiUrl(place, tools) : values["api-url"];
    const key =
      values["api-key-file"] === ""
        ? await apiKey(place, tools)
        : (await readFile(values["api-key-file"], "utf8")).trim();
    const word = `isthmus${[...randomBytes(8)].map((byte) => String.fromCharCode(97 + (byte % 26))).join("")}`;
    const probe: Probe = {
      bucket: values.bucket === "" ? `${values.project}-isthmus-documents` : values.bucket,
      name: `isthmus-smoke-test/${id.slice(0, 12)}-${word}.md`,
      word,
      way: { kind: "job", manifests: manifestsIn(values), image },
      answers: true,
      page: true,
      url,
      key,
      pollSeconds: Number(values["poll-seconds"]),
      attempts: Number(values.attempts),
    };
    if (tools.dryRun)
      return { summary: `would look for gs://${probe.bucket}/${probe.name} at ${url}`, data: { image, versions } };

    const proof = await proveDocument(probe, tools);
    if (!proof.shown || !proof.found || !proof.cited) {
      const end = await takeBack(place, state, versions, tools);
      const document = `the document was ${proof.found ? "found but not cited" : "not found"}`;
      const what = proof.shown ? document : "the console was not shown";
      throw new Error(`${what} through ${url} (${proof.reason}); the functions ${end}.`);
    }
    if (!proof.removed)
      throw new Error(`the document was found but did not go away (${proof.reason}); nothing was recorded.`);
    const deployed = {
      commit: id,
      ingest_image: image,
      function_version: versions.query,
      answer_version: versions.answer,
    };
    const { recorded, note } =
      values.record === ""
        ? { recorded: false, note: "" }
        : await record(place, state, deployed, values.repository, tools);
    return { summary: `found, cited and removed through ${url}${note}`, data: { ...deployed, recorded } };
  },
});

/** @throws where a function that was tested is not this commit's. */
async function record(
  place: FunctionPlace,
  state: string,
  deployed: Required<Deployed>,
  folder: string,
  tools: Tools,
): Promise<{ recorded: boolean; note: string }> {
  const tested: Versions = { query: deployed.function_version, answer: deployed.answer_version };
  const live = await liveVersions(place, tools);
  if (functionNames.some((name) => live[name] !== tested[name]))
    return {
      recorded: false,
      note: `; ${versionsText(live)} of the functions came during the test, whose own test records`,
    };
  for (const name of functionNames) {
    const newest = await newestVersion(place, name, tools);
    if (newest === tested[name]) continue;
    throw new Error(
      `the document was found by version ${tested[name]} of the function ${name}, but version ${newest} was deployed and taken back. ` +
        "Nothing was recorded: rerun the workflow from its start, which deploys the functions again, or revert its change.",
    );
  }
  const recorded = await recordDeployed(state, deployed, folder, tools);
  return { recorded, note: recorded ? `; ${deployed.commit} is recorded` : "; a later commit is recorded already" };
}
