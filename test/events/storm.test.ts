import assert from "node:assert/strict";
import { test } from "node:test";
import { pubSubEmulator, startPubSubEmulator } from "../peers/pubsub.ts";
import { eventually } from "../support/cli.ts";
import { documentsIn, startEventWorker } from "../support/events.ts";
import { createHashEmbedder } from "../support/hash-embedder.ts";
import { suiteWithEvents } from "./suite.ts";

const redeliveries = 10_000;
const objects = 100;

/** On Google's emulator: `pstest` hands out some hundred messages a second, whoever asks. */
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
      const worker = await startEventWorker(environment, { embedder });
      const generations: string[] = [];
      for (let index = 0; index < objects; index++) {
        generations.push(await gcs().upload(bucket, `${index}.md`, `alpha ${index}`));
      }
      await eventually(
        () => documentsIn(environment),
        (documents) => documents === objects,
      );
      const [before, ended] = [embedded, worker.ended];
      const messages = Array.from({ length: redeliveries }, (_, index) => ({
        attributes: {
          bucketId: bucket,
          objectId: `${index % objects}.md`,
          eventType: "OBJECT_FINALIZE",
          objectGeneration: generations[index % objects] ?? "",
          payloadFormat: "NONE",
        },
      }));
      const began = performance.now();
      await pubSub().publish(bucket, messages);
      await eventually(
        async () => worker.ended,
        (count) => count >= ended + redeliveries,
      );
      const seconds = (performance.now() - began) / 1000;
      context.diagnostic(`${Math.round(redeliveries / seconds)} redeliveries/s`);
      assert.equal(embedded, before);
      await worker.stop();
    });
  },
  emulator,
);
