import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeGcsBinary, startFakeGcs } from "../peers/fake-gcs.ts";
import { pubSubBinary, startPubSub, subscriptionOf, topicOf } from "../peers/pubsub.ts";
import { deskFor, eventually } from "../support/cli.ts";

const missing = [(await pubSubBinary()).skip, (await fakeGcsBinary()).skip];
const skip = missing.find((each) => each !== false) ?? false;

test("start gs://… --watch: what is uploaded, overwritten and deleted, meanwhile and before, is searched at once", {
  skip,
}, async (context) => {
  const bucket = "watched";
  const pubSub = await startPubSub();
  context.after(() => pubSub.stop());
  const gcs = await startFakeGcs({ pubSubHost: pubSub.host });
  context.after(() => gcs.stop());
  await gcs.createBucket(bucket);
  await pubSub.create(bucket);
  await gcs.notify(bucket, topicOf(bucket));
  await gcs.upload(bucket, "docs/one.txt", "alpha one");
  const { start } = deskFor(context, {
    STORAGE_EMULATOR_HOST: gcs.url,
    PUBSUB_EMULATOR_HOST: pubSub.host,
    ISTHMUS_SUBSCRIPTION: subscriptionOf(bucket),
  });
  const running = start("start", `gs://${bucket}/docs/`, "--watch");
  const [, url = ""] = await running.seen(/serves (http:\S+);/);
  await running.seen(/Watching 1 place/);
  const contents = async () => {
    const response = await fetch(`${url}/query`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "alpha", mode: "keyword", k: 50 }),
    });
    const { results } = (await response.json()) as { results: { content: string }[] };
    return results.map(({ content }) => content).sort();
  };
  assert.deepEqual(await contents(), ["alpha one"]);
  await gcs.upload(bucket, "docs/two.txt", "alpha two");
  await gcs.upload(bucket, "docs/one.txt", "alpha one again");
  await gcs.upload(bucket, "elsewhere/three.txt", "alpha three");
  await eventually(contents, (found) => found.join() === "alpha one again,alpha two");
  await gcs.remove(bucket, "docs/one.txt");
  await eventually(contents, (found) => found.join() === "alpha two");
  running.process.kill("SIGINT");
  const { code, stderr } = await running.ended;
  assert.equal(code, 0, stderr);
});
