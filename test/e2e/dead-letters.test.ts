import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type FakeGcs, fakeGcsBinary, startFakeGcs } from "../peers/fake-gcs.ts";
import { type Message, type PubSub, pubSubBinary, startPubSub, topicOf } from "../peers/pubsub.ts";
import { deskFor } from "../support/cli.ts";

const skip = (await pubSubBinary()).skip || (await fakeGcsBinary()).skip;

interface Listed {
  readonly dead_letters: readonly {
    readonly uri: string | null;
    readonly event: string;
    readonly deliveries: number;
  }[];
}

describe("dead letters and backfill by hand", { skip }, () => {
  let pubSub: PubSub;
  let gcs: FakeGcs;
  before(async () => {
    pubSub = await startPubSub();
    gcs = await startFakeGcs();
  });
  after(() => Promise.all([pubSub.stop(), gcs.stop()]));

  const letter = (name: string): Message => ({
    attributes: {
      eventType: "OBJECT_FINALIZE",
      bucketId: "docs",
      objectId: name,
      objectGeneration: "7",
      CloudPubSubDeadLetterSourceDeliveryCount: "10",
      CloudPubSubDeadLetterSourceSubscription: "docs-ingest",
    },
    data: new TextEncoder().encode(name),
  });

  test("are listed and stay, are replayed as they were first published, and are dropped", async (context) => {
    await pubSub.create("docs");
    const subscription = await pubSub.create("docs-dead");
    await pubSub.publish("docs-dead", [
      letter("a/1.md"),
      letter("a/2.md"),
      letter("b/3.md"),
      { attributes: { odd: "1" } },
    ]);
    const { run } = deskFor(context, {
      PUBSUB_EMULATOR_HOST: pubSub.host,
      ISTHMUS_DEAD_LETTERS: subscription,
      ISTHMUS_TOPIC: topicOf("docs"),
    });
    for (let time = 0; time < 2; time++) {
      const listed = await run("dead-letters", "list", "--json");
      assert.equal(listed.code, 0, listed.stderr);
      const { dead_letters: letters } = listed.json<Listed>();
      assert.deepEqual(letters.map(({ uri, event, deliveries }) => `${uri} ${event} ${deliveries}`).sort(), [
        "gs://docs/a/1.md OBJECT_FINALIZE 10",
        "gs://docs/a/2.md OBJECT_FINALIZE 10",
        "gs://docs/b/3.md OBJECT_FINALIZE 10",
        "null  null",
      ]);
    }
    const shown = await run("dead-letters", "list", "gs://docs/a/");
    assert.match(
      shown.stdout,
      /^2 dead letters\.\n {2}gs:\/\/docs\/a\/[12]\.md {2}OBJECT_FINALIZE, since 20.*, delivered 10 times$/m,
    );
    const replayed = await run("dead-letters", "replay", "gs://docs/a/");
    assert.match(replayed.stdout, /^Replayed 2 dead letters/);
    const again: Message[] = [];
    for (let idle = 0; idle < 2; ) {
      const some = await pubSub.drain("docs");
      idle = some.length === 0 ? idle + 1 : 0;
      again.push(...some);
    }
    const sorted = again.sort((a, b) => `${a.attributes["objectId"]}`.localeCompare(`${b.attributes["objectId"]}`));
    assert.deepEqual(
      sorted.map(({ attributes, data }) => [{ ...attributes }, new TextDecoder().decode(data)]),
      ["a/1.md", "a/2.md"].map((name) => [
        { eventType: "OBJECT_FINALIZE", bucketId: "docs", objectId: name, objectGeneration: "7" },
        name,
      ]),
    );
    assert.match((await run("dead-letters", "drop", "--all")).stdout, /^Dropped 2 dead letters/);
    assert.match((await run("dead-letters", "list")).stdout, /^0 dead letters/);
  });

  test("what is missing or wrong is named before anything is asked", async (context) => {
    const { run } = deskFor(context, { PUBSUB_EMULATOR_HOST: pubSub.host });
    for (const [args, pattern] of [
      [["dead-letters", "list"], /--subscription is not set|ISTHMUS_DEAD_LETTERS is not set/],
      [["dead-letters", "list", "--subscription", "docs-dead"], /--subscription is "docs-dead"; it is projects/],
      [["dead-letters", "replay", "--all", "--subscription", "projects/test/subscriptions/x"], /ISTHMUS_TOPIC/],
      [["dead-letters", "replay"], /Name what to replay/],
      [["dead-letters", "forget"], /list, replay, drop/],
      [
        ["dead-letters", "list", "--subscription", "projects/test/subscriptions/nowhere"],
        /does not know the subscription/,
      ],
      [["backfill", "documents"], /a backfill is of a bucket/],
      [["backfill", "gs://docs", "--topic", "docs"], /--topic is "docs"; it is projects/],
      [["backfill", "gs://docs", "--topic", topicOf("docs"), "--rate", "0"], /--rate is 0/],
    ] as const) {
      const { code, stderr } = await run(...args);
      assert.equal(code, 1, args.join(" "));
      assert.match(stderr, pattern);
    }
  });

  test("a backfill tells of what is not indexed, before there is an index and after", async (context) => {
    await gcs.createBucket("filled");
    for (const name of ["a.txt", "b.txt", "c.txt"]) await gcs.upload("filled", name, `alpha ${name}`);
    await pubSub.create("filled");
    const { run } = deskFor(context, {
      PUBSUB_EMULATOR_HOST: pubSub.host,
      STORAGE_EMULATOR_HOST: gcs.url,
      ISTHMUS_TOPIC: topicOf("filled"),
    });
    const first = await run("backfill", "gs://filled", "--json");
    assert.equal(first.code, 0, first.stderr);
    assert.deepEqual(first.json(), { listed: 3, published: 3, unchanged: 0, failed: 0, unlisted: 0 });
    await run("ingest", "gs://filled");
    await gcs.upload("filled", "d.txt", "alpha d");
    const second = await run("backfill", "gs://filled", "--rate", "50");
    assert.match(second.stdout, /^Told of 1 object in gs:\/\/filled\/; 3 were up to date, 0 failed before\.$/m);
    const told: Message[] = [];
    for (let idle = 0; idle < 2; ) {
      const some = await pubSub.drain("filled");
      idle = some.length === 0 ? idle + 1 : 0;
      told.push(...some);
    }
    assert.deepEqual(told.map(({ attributes }) => attributes["objectId"]).sort(), ["a.txt", "b.txt", "c.txt", "d.txt"]);
    await run("ingest", "gs://filled");
    const waited = await run("backfill", "gs://filled", "--wait", "--json");
    assert.deepEqual(waited.json(), {
      listed: 4,
      published: 0,
      unchanged: 4,
      failed: 0,
      unlisted: 0,
      indexed: 4,
      failed_now: 0,
    });
  });
});
