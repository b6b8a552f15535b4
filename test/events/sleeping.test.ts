import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pubSubEmulator, startPubSubEmulator } from "../peers/pubsub.ts";
import { eventually } from "../support/cli.ts";
import { startChild, untilTrue, workerFor } from "../support/events.ts";
import { createHashEmbedder } from "../support/hash-embedder.ts";
import { suiteWithEvents } from "./suite.ts";

/** On Google's emulator: `pstest` knows no flow control, and hands a process that sleeps whatever comes, again and again. */
const emulator = { start: startPubSubEmulator, skip: pubSubEmulator().skip };

await suiteWithEvents(
  "workers beyond their leases",
  ({ place, gcs }) => {
    test("a worker that is slow beyond its lease keeps it; one that sleeps beyond it is replaced, and spoils nothing", async (context) => {
      const followed = await place();
      const { bucket, environment } = followed;
      let embedded = 0;
      const slow = createHashEmbedder({
        async onEmbed(texts) {
          embedded++;
          if (texts.some((text) => text.includes("slow"))) await sleep(15_000);
        },
      });
      const worker = await workerFor(context, environment, { embedder: slow });
      await gcs().upload(bucket, "slow.md", "alpha slow");
      await eventually(
        async () => embedded,
        (count) => count > 0,
      );
      const sleeping = startChild(followed);
      context.after(() => sleeping.process.kill("SIGKILL"));
      await sleeping.seen(/started/);
      for (let index = 0; index < 60; index++) await gcs().upload(bucket, `${index}.md`, `alpha ${index}`);
      sleeping.process.kill("SIGSTOP");
      await sleep(12_000);
      await untilTrue(followed);
      assert.equal(worker.results.filter(({ uri }) => uri.endsWith("slow.md")).length, 1, "it came once");
      sleeping.process.kill("SIGCONT");
      await sleep(1_000);
      await untilTrue(followed, "After");
      sleeping.process.kill("SIGTERM");
      await Promise.all([sleeping.ended, worker.stop()]);
    });
  },
  emulator,
);
