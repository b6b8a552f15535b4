import assert from "node:assert/strict";
import { test } from "node:test";
import { pubSubEmulator, startPubSubEmulator } from "../peers/pubsub.ts";
import { eventually } from "../support/cli.ts";
import { documentsIn, workerFor } from "../support/events.ts";
import { createHashEmbedder } from "../support/hash-embedder.ts";
import { suiteWithEvents } from "./suite.ts";

const redeliveries = Number(process.env["ISTHMUS_TEST_EVENT_STORM"] ?? 4_000);
const objects = 100;
const uploaded = { text: "alpha", at: "2026-11-28T00:00:00.000Z" } as const;

/** On Google's emulator: `pstest` hands out less than a hundred messages a second, whoever asks. */
const emulator = { start: startPubSubEmulator, skip: pubSubEmulator().skip };

await suiteWithEvents(
  "a storm",
  ({ place, gcs, pubSub }) => {
    test(`${redeliveries} notifications of what is done embed nothing, and end`, async (context) => {
      const { bucket, environment } = await place();
      let embedded = 0;
      const embedder = createHashEmbedder({
        onEmbed(texts) {
          embedded += texts.length;
        },
      });
      const worker = await workerFor(context, environment, { embedder });
      const generations: string[] = [];
      for (let index = 0; index < objects; index++) {
        generations.push(await gcs().upload(bucket, `${index}.md`, uploaded.text));
      }
      await eventually(
        () => documentsIn(environment),
        (documents) => documents === objects,
      );
      await eventually(
        async () => worker.ended,
        (count) => count >= objects,
      );
      const before = embedded;
      const messages = Array.from({ length: redeliveries }, (_, index) => {
        const objectId = `${index % objects}.md`;
        const generation = generations[index % objects] ?? assert.fail();
        const object = { name: objectId, bucket, generation, size: "5", timeCreated: uploaded.at };
        return {
          attributes: {
            bucketId: bucket,
            objectId,
            eventType: "OBJECT_FINALIZE",
            objectGeneration: generation,
            payloadFormat: "JSON_API_V1",
          },
          data: Buffer.from(JSON.stringify(object)),
        };
      });
      const began = performance.now();
      await pubSub().publish(bucket, messages);
      await eventually(
        async () => worker.ended,
        (count) => count >= objects + redeliveries,
      );
      const seconds = (performance.now() - began) / 1000;
      context.diagnostic(`${Math.round(redeliveries / seconds)} redeliveries/s`);
      assert.equal(embedded, before);
    });
  },
  emulator,
);
