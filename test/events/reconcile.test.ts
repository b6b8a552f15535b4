import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createEnglishAnalyzer } from "../../src/adapters/lexical/english.ts";
import { backfill } from "../../src/compose/backfill.ts";
import { leftWrong, reconcile } from "../../src/compose/reconcile.ts";
import type { Runtime } from "../../src/compose/runtime.ts";
import { openSource } from "../../src/compose/source.ts";
import { openStore } from "../../src/compose/store.ts";
import { parseWorkerSettings } from "../../src/config/worker.ts";
import type { Source } from "../../src/core/ports.ts";
import { type Message, topicOf } from "../peers/pubsub.ts";
import { eventually } from "../support/cli.ts";
import { documentsIn, type EventPlace, readIndex, startEventWorker, untilTrue } from "../support/events.ts";
import { createHashEmbedder } from "../support/hash-embedder.ts";
import { seeded } from "../support/seeded.ts";
import { suiteWithEvents } from "./suite.ts";

/** What the commands open, with an embedder that needs no model. */
async function withRuntime<Result>(
  environment: EventPlace["environment"],
  use: (runtime: Runtime, source: Source) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-events-"));
  const { settings, location } = parseWorkerSettings({ ...environment, ISTHMUS_DATA_DIR: folder });
  const source = await openSource(location, settings);
  try {
    const store = openStore(settings);
    const parts = { settings, embedder: createHashEmbedder(), analyzer: createEnglishAnalyzer(), store };
    return await use({ ...parts, close: async () => {} }, source);
  } finally {
    await source.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const heldIn = (environment: EventPlace["environment"], since = "") =>
  readIndex(environment, async (reader) => {
    const uris: string[] = [];
    for await (const { uri, heldAt } of reader.held("")) if (heldAt >= since) uris.push(uri);
    return uris;
  });

await suiteWithEvents("reconciliation, backfill and held deletions beside workers", ({ place, gcs, pubSub }) => {
  test("a tenth of the notifications lost: one reconciliation beside a worker heals it, the second writes nothing", async (context) => {
    const random = seeded(context);
    const followed = await place();
    const { bucket, environment } = followed;
    // Its own notifications go elsewhere: here each is passed on, or lost.
    const heard = `${bucket}-heard`;
    const subscription = await pubSub().create(heard);
    const worker = await startEventWorker({ ...environment, ISTHMUS_SUBSCRIPTION: subscription });
    const names = Array.from({ length: 100 }, (_, index) => `${index}.md`);
    for (const name of names) await gcs().upload(bucket, name, `# ${name}\n\nalpha ${random()}`);
    for (let index = 0; index < 60; index++) {
      const name = names[Math.floor(random() * names.length)] ?? "";
      if (random() < 0.3)
        await gcs()
          .remove(bucket, name)
          .catch(() => {});
      else await gcs().upload(bucket, name, `# ${name}\n\nalpha again ${random()}`);
    }
    let lost = 0;
    let passed = 0;
    for (let idle = 0; idle < 3; ) {
      const messages: Message[] = await pubSub().drain(bucket);
      idle = messages.length === 0 ? idle + 1 : 0;
      const kept = messages.filter(() => random() >= 0.1);
      lost += messages.length - kept.length;
      passed += kept.length;
      if (kept.length > 0) await pubSub().publish(heard, kept);
    }
    assert.ok(lost > 5, `${lost} lost`);
    await eventually(
      async () => worker.ended + worker.irrelevant.length,
      (ended) => ended >= passed,
    );
    const options = { repair: true };
    const first = await withRuntime(environment, (runtime, source) => reconcile(runtime, source, options));
    assert.equal(leftWrong(first), 0, JSON.stringify(first.comparison));
    assert.ok(first.comparison.written + first.comparison.removed > 0);
    await untilTrue(followed);
    const second = await withRuntime(environment, (runtime, source) => reconcile(runtime, source, options));
    const { written, removed, released, missing, stale, outdated, ghosts, held } = second.comparison;
    assert.deepEqual([written, removed, released, missing, stale, outdated, ghosts, held], Array(8).fill(0));
    assert.deepEqual([second.verification?.damaged, second.verification?.orphaned.attempts], [0, 0]);
    await worker.stop();
  });

  test("what a broker held when it died comes to nobody: one reconciliation heals it, the second writes nothing", async () => {
    const followed = await place();
    const { bucket, environment } = followed;
    // Its own notifications are passed on here, so that it is known what the broker holds when it dies.
    const heard = `${bucket}-heard`;
    const ours = { ...environment, ISTHMUS_SUBSCRIPTION: await pubSub().create(heard) };
    const passOn = async (...names: string[]) => {
      const missing = new Set(names);
      await eventually(
        async () => {
          const messages: Message[] = await pubSub().drain(bucket);
          if (messages.length > 0) await pubSub().publish(heard, messages);
          for (const { attributes } of messages) missing.delete(attributes["objectId"] ?? "");
          return missing.size;
        },
        (left) => left === 0,
      );
    };
    const before = await startEventWorker(ours);
    for (const name of ["kept.md", "changed.md", "gone.md"]) await gcs().upload(bucket, name, `alpha ${name}`);
    await passOn("kept.md", "changed.md", "gone.md");
    await eventually(
      () => documentsIn(environment),
      (documents) => documents === 3,
    );
    await before.stop();
    await gcs().upload(bucket, "new.md", "alpha new");
    await gcs().upload(bucket, "changed.md", "alpha in other words");
    await gcs().remove(bucket, "gone.md");
    await passOn("new.md", "changed.md", "gone.md");
    await pubSub().restart();
    for (const name of [bucket, heard]) await pubSub().create(name);
    const after = await startEventWorker(ours);
    await gcs().upload(bucket, "after.md", "alpha after");
    await passOn("after.md");
    await eventually(
      () => documentsIn(environment),
      (documents) => documents === 4,
    );
    const options = { repair: true };
    const first = await withRuntime(environment, (runtime, source) => reconcile(runtime, source, options));
    const found = first.comparison;
    assert.deepEqual([found.missing, found.stale, found.ghosts], [1, 1, 1], JSON.stringify(found));
    assert.equal(leftWrong(first), 0);
    await untilTrue(followed);
    const second = await withRuntime(environment, (runtime, source) => reconcile(runtime, source, options));
    assert.deepEqual([second.comparison.written, second.comparison.removed], [0, 0]);
    await after.stop();
  });

  test("60 of 60 deleted, told lot by lot and again and again: it never passes, and a person lets it", async () => {
    const followed = await place();
    const { bucket } = followed;
    const environment = { ...followed.environment, ISTHMUS_ALLOW_MASS_DELETE: "false", ISTHMUS_MESSAGES_IN_HAND: "4" };
    const workers = await Promise.all([startEventWorker(environment), startEventWorker(environment)]);
    for (let index = 0; index < 60; index++) await gcs().upload(bucket, `${index}.md`, `alpha ${index}`);
    await eventually(
      () => documentsIn(environment),
      (documents) => documents === 60,
    );
    for (let index = 0; index < 60; index++) await gcs().remove(bucket, `${index}.md`);
    const settled = async () => (await documentsIn(environment)) - (await heldIn(environment)).length;
    await eventually(settled, (left) => left === 0);
    const documents = await documentsIn(environment);
    // Twenty may go unasked, whoever hears of them.
    assert.ok(documents >= 40, `${documents} of 60 are left`);
    const again = Array.from({ length: 60 }, (_, index): Message => {
      const attributes = {
        eventType: "OBJECT_DELETE",
        bucketId: bucket,
        objectId: `${index}.md`,
        objectGeneration: "1",
      };
      return { attributes };
    });
    for (let time = 0; time < 3; time++) {
      const since = new Date().toISOString();
      await pubSub().publish(bucket, again);
      // Each is refused anew, and held from then on.
      await eventually(
        () => heldIn(environment, since),
        (held) => held.length === documents,
      );
      assert.equal(await documentsIn(environment), documents, `told ${time + 2} times`);
    }
    const refused = await withRuntime(environment, (runtime, source) => reconcile(runtime, source, { repair: true }));
    assert.equal(refused.comparison.held, documents);
    assert.equal(await documentsIn(environment), documents, "nor does a reconciliation let it pass");
    const options = { repair: true, allowMassDelete: true };
    const allowed = await withRuntime(environment, (runtime, source) => reconcile(runtime, source, options));
    assert.deepEqual([allowed.comparison.removed, allowed.comparison.held, leftWrong(allowed)], [documents, 0, 0]);
    await Promise.all(workers.map((worker) => worker.stop()));
  });

  test("a backfill tells of what the index does not hold, and begun again of nothing", async () => {
    const followed = await place();
    const { bucket, environment } = followed;
    for (let index = 0; index < 30; index++) await gcs().upload(bucket, `${index}.md`, `# ${index}\n\nalpha`);
    // Of before there were notifications.
    for (let idle = 0; idle < 2; ) idle = (await pubSub().drain(bucket)).length === 0 ? idle + 1 : 0;
    const options = { perSecond: 1_000 };
    const queue = { topic: topicOf(bucket), emulator: `http://${pubSub().host}` };
    const told = await withRuntime(environment, (runtime, source) => backfill(runtime, source, queue, options));
    assert.deepEqual([told.listed, told.published, told.unchanged], [30, 30, 0]);
    const worker = await startEventWorker(environment);
    await untilTrue(followed);
    assert.equal(worker.irrelevant.length, 0);
    await gcs().upload(bucket, "0.md", "alpha changed while nobody heard");
    const again = await withRuntime(environment, (runtime, source) => backfill(runtime, source, queue, options));
    assert.ok(again.published <= 1);
    await untilTrue(followed, "2");
    const last = await withRuntime(environment, (runtime, source) => backfill(runtime, source, queue, options));
    assert.deepEqual([last.published, last.unchanged], [0, 30]);
    await worker.stop();
  });
});
