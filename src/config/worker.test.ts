import assert from "node:assert/strict";
import { test } from "node:test";
import { parseWorkerSettings } from "./worker.ts";

const needed = {
  GCS_BUCKET_NAME: "docs",
  ISTHMUS_SUBSCRIPTION: "projects/p/subscriptions/docs-ingest",
  WEAVIATE_URL: "http://weaviate:8080",
};

test("a bucket, a subscription and Weaviate are all that must be set", () => {
  const { location, queue, health, graceMs } = parseWorkerSettings(needed);
  assert.equal(location, "gs://docs/");
  assert.deepEqual(queue, {
    subscription: "projects/p/subscriptions/docs-ingest",
    emulator: undefined,
    messagesInHand: 64,
    leaseSeconds: 60,
  });
  assert.deepEqual([health, graceMs], [{ host: "0.0.0.0", port: 8080 }, 25_000]);
});

test("every fault is told at once", () => {
  const wrong = {
    ISTHMUS_SUBSCRIPTION: "docs-ingest",
    ISTHMUS_LEASE_SECONDS: "5",
    ISTHMUS_MESSAGES_IN_HAND: "0",
    PUBSUB_EMULATOR_HOST: "http://:0:",
    PORT: "http",
  };
  for (const name of [...Object.keys(wrong), "GCS_BUCKET_NAME", "WEAVIATE_URL"]) {
    assert.throws(() => parseWorkerSettings(wrong), { code: "config_invalid", message: new RegExp(name) });
  }
  assert.throws(() => parseWorkerSettings({}), { message: /ISTHMUS_SUBSCRIPTION is not set/ });
});

test("an emulator is named as Google's own tools name it", () => {
  const { queue } = parseWorkerSettings({ ...needed, PUBSUB_EMULATOR_HOST: "127.0.0.1:8085" });
  assert.equal(queue.emulator, "http://127.0.0.1:8085");
});
