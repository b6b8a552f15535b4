import assert from "node:assert/strict";
import { test } from "node:test";
import { createEnglishAnalyzer } from "../../src/adapters/lexical/english.ts";
import type { Message } from "../peers/pubsub.ts";
import { eventually } from "../support/cli.ts";
import { documentsIn, type EventWorker, freshIndex, indexOf, untilTrue, workerFor } from "../support/events.ts";
import { workAsJob } from "../support/job-work.ts";
import { seeded } from "../support/seeded.ts";
import { suiteWithEvents } from "./suite.ts";

const operations = Number(process.env["ISTHMUS_TEST_EVENT_OPERATIONS"] ?? 300);
const objects = 40;

await suiteWithEvents("an index that follows a bucket", ({ place, gcs, pubSub }) => {
  for (const count of [2, 4]) {
    test(`${operations} uploads, overwrites, deletions and restores, with duplicates, and ${count} workers: as a fresh index`, async (context) => {
      const random = seeded(context);
      const below = (most: number) => Math.floor(random() * most);
      const followed = await place();
      const { bucket, environment } = followed;
      const workers: EventWorker[] = [];
      for (let index = 0; index < count; index++) workers.push(await workerFor(context, environment));
      const live = new Set<string>();
      const duplicates: Message[] = [];
      for (let operation = 0; operation < operations; operation++) {
        const objectId = `${below(objects)}.md`;
        const attributes = { bucketId: bucket, objectId };
        if (live.has(objectId) && random() < 0.35) {
          await gcs().remove(bucket, objectId);
          live.delete(objectId);
          duplicates.push({ attributes: { ...attributes, eventType: "OBJECT_DELETE" } });
        } else {
          const paragraphs = Array.from(
            { length: 1 + below(4) },
            (_, part) => `# ${part}\n\nalpha ${operation} ${part}`,
          );
          const objectGeneration = await gcs().upload(bucket, objectId, paragraphs.join("\n\n"));
          live.add(objectId);
          duplicates.push({ attributes: { ...attributes, eventType: "OBJECT_FINALIZE", objectGeneration } });
        }
        // The same again under another message id, late and in any order.
        if (random() < 0.3) await pubSub().publish(bucket, [duplicates[below(duplicates.length)] ?? assert.fail()]);
      }
      await untilTrue(followed);
      for (const worker of workers) await worker.stop();
      assert.deepEqual(await indexOf(environment), await freshIndex(followed, "After"), "and it stays so");
      const shares = workers.map(({ results }) => results.length);
      context.diagnostic(`results by worker: ${shares.join(", ")}`);
      assert.ok(shares.every((share) => share > 0));
    });
  }

  test("two versions of the worker at once: nothing is lost, and the older undoes nothing of the newer", async (context) => {
    const followed = await place();
    const { bucket, environment } = followed;
    const newer = { ...createEnglishAnalyzer(), version: 1_000 };
    const workers = [await workerFor(context, environment), await workerFor(context, environment, { analyzer: newer })];
    const messages: Message[] = [];
    for (let index = 0; index < 40; index++) {
      const objectId = `${index}.md`;
      const objectGeneration = await gcs().upload(bucket, objectId, `alpha ${index}`);
      const attributes = { bucketId: bucket, objectId, objectGeneration, eventType: "OBJECT_FINALIZE" };
      messages.push({ attributes });
    }
    await eventually(
      () => documentsIn(environment),
      (documents) => documents === 40,
    );
    await workers[1]?.stop();
    // The newer one's own run brings the rest over; what is told again to the older one leaves that alone.
    await workAsJob(environment, undefined, newer);
    const expected = await indexOf(environment);
    await pubSub().publish(bucket, messages);
    const [older] = workers;
    const before = older?.results.length ?? 0;
    await eventually(
      async () => older?.results.length ?? 0,
      (results) => results >= before + messages.length,
    );
    assert.deepEqual(await indexOf(environment), expected);
    assert.ok(older?.results.slice(before).every(({ outcome }) => outcome === "unchanged"));
    await older?.stop();
  });
});
