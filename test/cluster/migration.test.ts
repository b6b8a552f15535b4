import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { applyRoles } from "../../infra/weaviate/apply-roles.ts";
import { clusterMissing } from "../peers/cluster/able.ts";
import { buildIngestImage, ingestImage } from "./ingest-image.ts";
import { createRun, endOfRun } from "./job-run.ts";
import { bucket, keys, openPlace, type Place, until } from "./place.ts";
import { askSteadily } from "./steady-questions.ts";

const skip = await clusterMissing();
const topics = ["anchors", "buoys", "canals", "dredgers", "estuaries", "ferries", "gantries", "harbours"];

suite("from the starter to production, as docs/operations/starter-to-production.md says", {
  skip,
  timeout: 1_800_000,
}, () => {
  let place: Place;
  const folder = mkdtempSync(join(tmpdir(), "isthmus-migration-"));
  const questions = new Map(
    topics.map((topic) => [`what is known of ${topic}?`, `gs://${bucket}/${topic}.md`] as const),
  );

  before(async () => {
    const image = await buildIngestImage(folder);
    // A node here has this machine's cores, of which a node of production wants two: the starter needs one of its own.
    place = await openPlace(4);
    await place.cluster.loadImage(image.archive);
    await place.deploy("starter");
    for (const topic of topics) {
      const text = `# ${topic}\n\nAll that is known of ${topic} in this port.\n`;
      await place.storage.upload(bucket, `${topic}.md`, text, { contentType: "text/markdown" });
    }
    await ingest();
  });
  after(async () => {
    await place?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function ingest(): Promise<void> {
    // Beside the starter, for the same reason.
    const run = await createRun(place, ingestImage, (manifest) =>
      manifest.replace('requests: { cpu: "2", memory: 1Gi', "requests: { cpu: 500m, memory: 1Gi"),
    );
    const { exitCode, log } = await endOfRun(place, run);
    assert.equal(exitCode, 0, log);
  }

  const chunksIn = (pod: string) =>
    place.forward(pod, 8080, async (url) => {
      const response = await fetch(`${url}/v1/graphql`, {
        method: "POST",
        headers: { authorization: `Bearer ${keys["reader-key"]}`, "content-type": "application/json" },
        body: JSON.stringify({ query: "{ Aggregate { Document { meta { count } } } }" }),
      });
      return JSON.stringify(await response.json());
    });

  test("the index moves without a question lost or answered wrongly", async (context) => {
    const overlay = join(place.manifests, "overlays/production");
    const asking = await askSteadily(place, questions);
    await place.kubectl("apply", "--server-side", "--force-conflicts", "-k", overlay, "-l", "isthmus/step!=switch");
    await place.kubectl("rollout", "status", "statefulset/weaviate", "--timeout=600s");
    await place.forward("weaviate-0", 8080, (url) => applyRoles(url, keys["api-key"]));
    await ingest();
    const counted = await chunksIn("weaviate-0");
    assert.match(counted, /"count":[1-9]/);
    assert.equal(counted, await chunksIn("weaviate-starter-0"));

    await place.kubectl("apply", "--server-side", "-k", overlay);
    await until("the switch", async () => {
      const selector = await place.kubectl("get", "service/weaviate-lb", "-o", "jsonpath={.spec.selector}");
      return selector.includes("production");
    });
    await place.ready("weaviate");
    await place.kubectl("delete", "statefulset/weaviate-starter", "persistentvolumeclaim/weaviate-pvc");
    // What is asked now has production alone to answer it.
    const again = await askSteadily(place, questions);
    const twice = async () =>
      (await place.kubectl("get", "pods", "-l", "app.kubernetes.io/instance=starter", "-o", "name")) === "";
    await until("the starter's end", twice);
    await until("questions to production alone", async () => again.asked() >= 2 * topics.length);
    for (const asked of [await asking.end(), await again.end()]) {
      context.diagnostic(JSON.stringify(asked));
      assert.deepEqual({ lost: asked.lost, wrong: asked.wrong }, { lost: [], wrong: [] });
      assert.ok(asked.asked > 0);
    }
  });
});
