import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inScratch } from "../bucket.ts";
import { defineCommand } from "../command.ts";
import { readImage } from "../deployed.ts";
import { commitOf } from "../git.ts";
import { changeCluster, clusterOptions, connect, kubectl, manifestsIn, serverSide, submit } from "../kubernetes.ts";
import { apiKey, apiUrl } from "../query-function.ts";
import { awsRegion, commit, overlay, pollSeconds, stage, stateBucket, stateBucketOf } from "../settings.ts";
import { proveDocument } from "../smoke.ts";
import type { Tools } from "../tools.ts";

export const workerName = "ingest-worker";

export const deployWorker = defineCommand({
  summary: "Deploys the workers that follow the bucket, and proves them by a document that comes and goes",
  details: `Applies infra/k8s/events with the images that were built from the commit, waits for the rollout, then uploads a document, finds
it through the public API without any Job, removes it, and waits until it is gone. A rollout that does not become ready, and a
document that is not found, bring the workers before back. A dry run has the API server check every object.`,
  example: "--project my-project --overlay starter --dry-run",
  options: {
    ...clusterOptions,
    overlay,
    commit,
    stage,
    "aws-region": awsRegion,
    "state-bucket": stateBucket,
    bucket: {
      about: "Bucket of the documents; default PROJECT-isthmus-documents",
      variable: "GCS_BUCKET_NAME",
      optional: true,
    },
    timeout: { about: "How long the rollout may take, as kubectl writes it", fallback: "10m" },
    "api-url": { about: "Default: what the stack says", optional: true },
    "api-key-file": { about: "Default: API Gateway is asked for the stage's first key", optional: true },
    "poll-seconds": pollSeconds,
    attempts: { about: "How often the API is asked before the document counts as not found", fallback: "24" },
  },
  async run(values, tools) {
    const state = stateBucketOf(values);
    const id = await commitOf(values.commit, tools);
    const images = {
      WORKER_IMAGE: await imageOf("worker", state, id, tools),
      INGEST_IMAGE: await imageOf("ingest", state, id, tools),
    };
    await connect(values, tools);
    const shape = values.overlay.startsWith("starter") ? "starter" : "production";
    return await inScratch(async (folder) => {
      const file = join(folder, "events.yaml");
      const built = await tools.ask("kubectl", ["kustomize", join(manifestsIn(values), "events", shape)]);
      await writeFile(file, pinned(built.stdout, images));
      // The whole is checked before any of it is applied.
      await kubectl(["apply", ...serverSide, "--dry-run=server", "-o", "name", "-f", file], tools);
      if (tools.dryRun)
        return { summary: `the API server would take ${workerName} with ${images.WORKER_IMAGE}`, data: images };
      await submit(["apply", ...serverSide, "-f", file], tools, { show: true });
      const rollout = ["rollout", "status", `deployment/${workerName}`, `--timeout=${values.timeout}`];
      if ((await kubectl(rollout, tools, { expected: [0, 1], show: true })).code !== 0) {
        const options = { show: true, expected: [0, 1] };
        await kubectl(["get", "pods", "-l", `app.kubernetes.io/name=${workerName}`, "-o", "wide"], tools, options);
        throw new Error(
          `${workerName} did not become ready within ${values.timeout}; it ${await takeBack(values.timeout, tools)}.`,
        );
      }
      const place = { stage: values.stage, region: values["aws-region"] };
      const url = values["api-url"] === "" ? await apiUrl(place, tools) : values["api-url"];
      const key =
        values["api-key-file"] === ""
          ? await apiKey(place, tools)
          : (await readFile(values["api-key-file"], "utf8")).trim();
      const word = `isthmus${[...randomBytes(8)].map((byte) => String.fromCharCode(97 + (byte % 26))).join("")}`;
      const proof = await proveDocument(
        {
          bucket: values.bucket === "" ? `${values.project}-isthmus-documents` : values.bucket,
          name: `isthmus-smoke-test/${id.slice(0, 12)}-${word}.md`,
          word,
          way: { kind: "events" },
          url,
          key,
          pollSeconds: Number(values["poll-seconds"]),
          attempts: Number(values.attempts),
        },
        tools,
      );
      if (!proof.found || !proof.removed) {
        const what = proof.found ? "did not go away" : "was not found";
        throw new Error(
          `the uploaded document ${what} (${proof.reason}); ${workerName} ${await takeBack(values.timeout, tools)}.`,
        );
      }
      return { summary: `${workerName} is deployed; a document came and went through ${url}`, data: images };
    });
  },
});

async function imageOf(kind: "ingest" | "worker", bucket: string, id: string, tools: Tools): Promise<string> {
  const image = await readImage(bucket, id, tools, kind);
  if (image === undefined)
    throw new Error(`no image of ${kind} was built from ${id}; run build-images --what ${kind} first.`);
  if (!/@sha256:[0-9a-f]{64}$/.test(image)) throw new Error(`${image} is not named by its digest`);
  return image;
}

function pinned(text: string, images: Readonly<Record<string, string>>): string {
  return Object.entries(images).reduce((changed, [placeholder, image]) => {
    const next = changed.replaceAll(`image: ${placeholder}`, `image: ${image}`);
    if (next === changed) throw new Error(`infra/k8s/events names no ${placeholder}`);
    return next;
  }, text);
}

async function takeBack(timeout: string, tools: Tools): Promise<string> {
  return await rollBackWorker("", timeout, tools).then(
    () => "was rolled back to the revision before",
    (error: Error) => `could not be rolled back: ${error.message}`,
  );
}

/** @param revision of the Deployment; "" is the one before. @throws when there is none, or when it does not become ready either. */
export async function rollBackWorker(revision: string, timeout: string, tools: Tools): Promise<void> {
  const to = revision === "" ? [] : [`--to-revision=${revision}`];
  await changeCluster(["rollout", "undo", `deployment/${workerName}`, ...to], tools, { show: true });
  if (tools.dryRun) return;
  await kubectl(["rollout", "status", `deployment/${workerName}`, `--timeout=${timeout}`], tools, { show: true });
}
