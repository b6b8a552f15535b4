import { after, before } from "node:test";
import {
  type PubSub,
  pubSubBinary,
  pubSubEmulator,
  startPubSub,
  startPubSubEmulator,
} from "../../../test/peers/pubsub.ts";
import { changesContract } from "../source/changes.contract.ts";
import { createPubSubChanges } from "./changes.ts";

const { skip } = await pubSubBinary();

for (const [name, start, missing] of [
  ["a subscription", startPubSub, skip],
  ["a subscription of Google's emulator", startPubSubEmulator, pubSubEmulator().skip],
] as const) {
  let server: PubSub | undefined;
  let subscriptions = 0;
  before(async () => {
    if (missing === false) server = await start();
  });
  after(() => server?.stop());
  changesContract(
    name,
    async () => {
      if (server === undefined) throw new Error("there is no server");
      const { host, create, publish } = server;
      const topic = `contract-${subscriptions++}`;
      const subscription = await create(topic);
      const emulator = `http://${host}`;
      const open = () =>
        createPubSubChanges({ subscription, scope: "gs://docs/", unsettled: 4, leaseSeconds: 10, emulator });
      const changes = open();
      return {
        changes,
        happen: (objectId) =>
          publish(topic, [{ attributes: { bucketId: "docs", objectId, eventType: "OBJECT_DELETE" } }]),
        uri: (object) => `gs://docs/${object}`,
        reopen: async () => open(),
        close: () => changes.close(),
      };
    },
    missing,
  );
}
