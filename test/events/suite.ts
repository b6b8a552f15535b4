import { after, before, suite } from "node:test";
import { type FakeGcs, fakeGcsBinary, startFakeGcs } from "../peers/fake-gcs.ts";
import { type PubSub, pubSubBinary, startPubSub } from "../peers/pubsub.ts";
import { startWeaviate, type Weaviate, weaviateBinary } from "../peers/weaviate.ts";
import { createEventPlace, type EventPlace } from "../support/events.ts";

export interface EventPeers {
  gcs(): FakeGcs;
  pubSub(): PubSub;
  weaviate(): Weaviate;
  /** A bucket of its own, with its notifications, its subscription and its collections. */
  place(): Promise<EventPlace>;
}

/**
 * A suite with a bucket server, a Pub/Sub server and a Weaviate of its own; skipped, with the reason, where one is missing.
 *
 * @param start another Pub/Sub server than the usual one, and why it is missing.
 */
export async function suiteWithEvents(
  name: string,
  define: (peers: EventPeers) => void,
  { start = startPubSub, skip }: { readonly start?: () => Promise<PubSub>; readonly skip?: string | false } = {},
): Promise<void> {
  const missing = [skip ?? (await pubSubBinary()).skip, (await fakeGcsBinary()).skip, (await weaviateBinary()).skip];
  suite(name, { skip: missing.find((each) => each !== false) ?? false }, () => {
    let peers: { readonly gcs: FakeGcs; readonly pubSub: PubSub; readonly weaviate: Weaviate } | undefined;
    const started: { stop(): Promise<void> }[] = [];
    const keep = <Peer extends { stop(): Promise<void> }>(peer: Peer): Peer => {
      started.push(peer);
      return peer;
    };
    let places = 0;
    before(async () => {
      const pubSub = keep(await start());
      const weaviate = keep(await startWeaviate());
      peers = { pubSub, weaviate, gcs: keep(await startFakeGcs({ pubSubHost: pubSub.host })) };
    });
    after(async () => {
      await Promise.all(started.map((peer) => peer.stop()));
    });
    const running = () => {
      if (peers === undefined) throw new Error("the servers are not running");
      return peers;
    };
    define({
      gcs: () => running().gcs,
      pubSub: () => running().pubSub,
      weaviate: () => running().weaviate,
      place: () => createEventPlace(running(), `events-${++places}`),
    });
  });
}
