import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate as immediate } from "node:timers/promises";
import { IsthmusError } from "../../src/core/errors.ts";
import { refreshObjects } from "../../src/core/ingest/refresh.ts";
import type { StoreWriter } from "../../src/core/ports.ts";
import { createBucket } from "../support/bucket.ts";
import { openBucketEngine } from "../support/bucket-engine.ts";
import { seeded } from "../support/seeded.ts";

const documents = 60;

/** Requests and answers take turns of any length, so that lots are judged between each other's steps. */
function disturbed(writer: StoreWriter, random: () => number): StoreWriter {
  const wait = async () => {
    for (let turn = Math.floor(random() * 8); turn > 0; turn--) await immediate();
  };
  const slowly =
    <Given extends unknown[], Result>(work: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      await wait();
      const result = await work(...given);
      await wait();
      return result;
    };
  return {
    ...writer,
    removedLately: slowly(writer.removedLately),
    remove: slowly(writer.remove),
    hold: slowly(writer.hold),
    release: slowly(writer.release),
    count: slowly(writer.count),
    async *held(prefix, signal) {
      await wait();
      yield* writer.held(prefix, signal);
    },
  };
}

/** Deletes so many of 60 documents, and tells of each in lots of any size, all at once. @returns what is left of all, and held. */
async function deleted(context: TestContext, round: number, count: number): Promise<readonly [number, number]> {
  const random = seeded(context, round);
  const engine = await openBucketEngine(context, { wrapWriter: (writer) => disturbed(writer, random) });
  const bucket = createBucket();
  const names = Array.from({ length: documents }, (_, at) => `${at}.txt`);
  for (const name of names) bucket.put(name, `alpha ${name}`);
  await engine.ingest(bucket.source);
  const gone = names.slice(0, count);
  for (const name of gone) bucket.delete(name);
  const lots: Promise<unknown>[] = [];
  for (let from = 0; from < gone.length; ) {
    const size = 1 + Math.floor(random() * 12);
    const hints = gone.slice(from, from + size).map((name) => ({ uri: bucket.uri(name) }));
    from += size;
    const refused = (thrown: unknown) =>
      assert.ok(thrown instanceof IsthmusError && thrown.code === "mass_delete_refused", String(thrown));
    lots.push(refreshObjects(engine.pipeline, bucket.source, hints, { shared: true }).catch(refused));
  }
  await Promise.all(lots);
  let held = 0;
  for await (const _ of engine.store.held("")) held++;
  return [(await engine.found("alpha")).length, held];
}

for (let round = 0; round < 5; round++) {
  test(`lots that are judged at the same moment count each other, round ${round}`, async (context) => {
    assert.deepEqual(await deleted(context, round, 20), [documents - 20, 0], "twenty go unasked, and none is held");
    const [left, held] = await deleted(context, round, documents);
    assert.ok(left >= documents - 20, `${left} are left`);
    assert.equal(held, left, "what did not go is held");
  });
}
