import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { IsthmusError } from "../../src/core/errors.ts";
import type { Store } from "../../src/core/ports.ts";
import { eventually } from "../support/cli.ts";
import { documentsIn, readIndex, untilTrue, workerFor } from "../support/events.ts";
import { killWorkers } from "./kills.ts";
import { suiteWithEvents } from "./suite.ts";

/** Where each is to come once: longer than any machine is slow. */
const longLease = { ISTHMUS_LEASE_SECONDS: "300" };

const kills = Number(process.env["ISTHMUS_TEST_EVENT_KILLS"] ?? 4);

await suiteWithEvents("workers that fail, and platforms that do", ({ place, gcs, pubSub, weaviate }) => {
  test("workers killed at every step and at random leave nothing undone and nothing half done", async (context) => {
    await killWorkers(context, await place(), gcs(), { objects: 100, kills });
  });

  test("a broker that is restarted, with all it held lost: the workers are there when it is back", async (context) => {
    const followed = await place();
    const { bucket, environment } = followed;
    const worker = await workerFor(context, environment);
    await gcs().upload(bucket, "before.md", "alpha before");
    await eventually(
      () => documentsIn(environment),
      (documents) => documents === 1,
    );
    await pubSub().restart();
    await sleep(500);
    await pubSub().create(bucket);
    await gcs().upload(bucket, "after.md", "alpha after");
    await untilTrue(followed);
    await worker.stop();
  });

  test("Weaviate away: nothing is acknowledged, nothing comes again, nothing is lost", async (context) => {
    const followed = await place();
    const { bucket, environment } = followed;
    let away = false;
    const refusing =
      <Given extends unknown[], Result>(work: (...given: Given) => Promise<Result>) =>
      async (...given: Given): Promise<Result> => {
        if (away) throw new IsthmusError("store_unavailable", "away");
        return await work(...given);
      };
    const wrapStore = (store: Store): Store => ({
      ...store,
      async openWriter(identity, signal) {
        const writer = await store.openWriter(identity, signal);
        return { ...writer, entries: refusing(writer.entries), recordFailure: refusing(writer.recordFailure) };
      },
    });
    const worker = await workerFor(context, { ...environment, ...longLease }, { wrapStore });
    await gcs().upload(bucket, "0.md", "alpha 0");
    await eventually(
      () => documentsIn(environment),
      (documents) => documents === 1,
    );
    // First as its adapter tells it, after a long patience; then for real, within that patience.
    away = true;
    for (let index = 1; index < 40; index++) await gcs().upload(bucket, `${index}.md`, `alpha ${index}`);
    await eventually(
      async () => worker.pauses.length,
      (pauses) => pauses >= 2,
    );
    assert.equal(worker.results.length, 1, "nothing ended");
    away = false;
    await weaviate().nodes[0]?.pause();
    await sleep(3_000);
    weaviate().nodes[0]?.resume();
    await untilTrue(followed);
    assert.equal(worker.results.length, 40, "each came once");
    await worker.stop();
  });

  test("a poison object among 100: the others are searchable, and it is recorded, once", async (context) => {
    const followed = await place();
    const { bucket, environment } = followed;
    const worker = await workerFor(context, { ...environment, ...longLease });
    await gcs().upload(bucket, "poison.pdf", "%PDF-1.7 of nothing");
    for (let index = 0; index < 99; index++) await gcs().upload(bucket, `${index}.md`, `alpha ${index}`);
    await eventually(
      async () => worker.results.length,
      (results) => results >= 100,
    );
    await sleep(500);
    assert.equal(worker.results.length, 100);
    const { failed, documents } = await readIndex(environment, (reader) => reader.count(""));
    assert.deepEqual([failed, documents], [1, 99]);
    await worker.stop();
  });

  test("what says nothing of this index is acknowledged and counted", async (context) => {
    const followed = await place();
    const { bucket, environment } = followed;
    const worker = await workerFor(context, { ...environment, SOURCE_BLOB_NAME: "docs/" });
    const of = (attributes: Record<string, string>) => ({ attributes: { bucketId: bucket, ...attributes } });
    await pubSub().publish(bucket, [
      { attributes: { hello: "world" } },
      of({ objectId: "other/a.md", eventType: "OBJECT_FINALIZE" }),
      { attributes: { bucketId: "another", objectId: "docs/a.md", eventType: "OBJECT_FINALIZE" } },
      of({ objectId: "docs/a.md", eventType: "OBJECT_METADATA_UPDATE" }),
      of({ objectId: "docs/a.md", eventType: "OBJECT_DELETE", overwrittenByGeneration: "7" }),
    ]);
    await eventually(
      async () => worker.irrelevant.length,
      (count) => count >= 5,
    );
    await sleep(300);
    assert.deepEqual(worker.irrelevant.toSorted(), ["foreign", "foreign", "malformed", "metadata", "overwritten"]);
    assert.deepEqual(worker.results, []);
    await worker.stop();
    assert.deepEqual(
      await pubSub()
        .drain(bucket)
        .catch(() => []),
      [],
    );
  });
});
