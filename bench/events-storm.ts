import { parseLocation } from "../src/adapters/source/gcs/location.ts";
import { openIngestEngine } from "../src/compose/ingest-engine.ts";
import { followBucket } from "../src/compose/notifications.ts";
import { openRuntime } from "../src/compose/runtime.ts";
import { openSource } from "../src/compose/source.ts";
import { parseWorkerSettings } from "../src/config/worker.ts";
import type { Embedder } from "../src/core/ports.ts";
import type { PubSub } from "../test/peers/pubsub.ts";

/** Tells of objects that are indexed again and again, before anybody listens, in a bucket whose topic has its name. @returns seconds in which a worker is through with it. */
export async function drainStorm(
  environment: Readonly<Record<string, string>>,
  pubSub: Pick<PubSub, "publish">,
  objects: readonly (readonly [name: string, generation: string])[],
  count: number,
): Promise<number> {
  const { settings, location, queue } = parseWorkerSettings(environment);
  const { bucket } = parseLocation(location);
  const messages = Array.from({ length: count }, (_, index) => {
    const [name = "", generation = ""] = objects[index % objects.length] ?? [];
    const object = { name, bucket, generation, size: "700", timeCreated: new Date().toISOString() };
    const attributes = {
      bucketId: bucket,
      objectId: name,
      objectGeneration: generation,
      eventType: "OBJECT_FINALIZE",
      payloadFormat: "JSON_API_V1",
    };
    return { attributes, data: Buffer.from(JSON.stringify(object)) };
  });
  await pubSub.publish(bucket, messages);
  const source = await openSource(location, settings);
  const runtime = await openRuntime(settings);
  const engine = await openIngestEngine({ ...runtime, embedder: refusing(runtime.embedder) });
  const stopping = new AbortController();
  let ended = 0;
  let wrong: string | undefined;
  const began = performance.now();
  try {
    await followBucket({
      engine,
      source,
      queue,
      allowMassDelete: true,
      notifications: {},
      listener: {
        result({ uri, outcome }, changes) {
          if (outcome !== "unchanged") wrong ??= `${uri} was ${outcome}, though it was done`;
          ended += changes.length;
          if (ended >= count) stopping.abort();
        },
      },
      stopping: stopping.signal,
      signal: new AbortController().signal,
    });
    if (wrong !== undefined) throw new Error(wrong);
    return (performance.now() - began) / 1000;
  } finally {
    await engine.close();
    await runtime.close();
    await source.close();
  }
}

/** A storm has nothing to embed. */
function refusing(embedder: Embedder): Embedder {
  return {
    ...embedder,
    async embed() {
      throw new Error("a storm of what is done embedded something");
    },
  };
}
