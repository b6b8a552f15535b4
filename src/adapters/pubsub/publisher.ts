import { retrying } from "../../core/retry.ts";
import type { ObjectRef } from "../../core/types.ts";
import { parseLocation } from "../source/gcs/location.ts";
import { createPubSubConnection, type PubSubAccess } from "./connection.ts";

/** One request takes a thousand messages and 10 MB; a notification has about a kilobyte. */
const messagesPerRequest = 500;

export interface OutgoingMessage {
  readonly attributes: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
}

export interface Publisher {
  /** In requests of 500, each tried again while Pub/Sub is away: a message may then arrive twice. */
  publish(messages: readonly OutgoingMessage[], signal?: AbortSignal): Promise<void>;
  close(): void;
}

/** @param topic `projects/p/topics/t`. */
export function createPublisher(access: PubSubAccess, topic: string): Publisher {
  const connection = createPubSubConnection(access);
  return {
    async publish(messages, signal) {
      for (let from = 0; from < messages.length; from += messagesPerRequest) {
        const batch = messages.slice(from, from + messagesPerRequest).map(({ attributes, data }) => ({
          attributes: { ...attributes },
          data,
        }));
        const send = () =>
          connection.call(`the topic ${topic}`, (options) =>
            connection.publisher.publish({ topic, messages: batch }, options),
          );
        await retrying(send, signal && { signal });
      }
    },
    close: () => connection.close(),
  };
}

/**
 * What Cloud Storage itself would say of an object that was just written:
 * https://cloud.google.com/storage/docs/pubsub-notifications
 *
 * @param reindex it is also written again where the index has this version from an earlier pipeline.
 */
export function notificationOf(ref: ObjectRef, { reindex }: { readonly reindex: boolean }): OutgoingMessage {
  const { bucket, name } = parseLocation(ref.uri);
  const object = {
    kind: "storage#object",
    name,
    bucket,
    generation: ref.version,
    size: String(ref.size),
    timeCreated: ref.updatedAt,
    ...(ref.contentType !== undefined && { contentType: ref.contentType }),
    ...(ref.digest?.startsWith("md5:") === true && { md5Hash: ref.digest.slice("md5:".length) }),
  };
  return {
    attributes: {
      eventType: "OBJECT_FINALIZE",
      payloadFormat: "JSON_API_V1",
      bucketId: bucket,
      objectId: name,
      objectGeneration: ref.version,
      isthmusBackfill: "true",
      ...(reindex && { isthmusReindex: "true" }),
    },
    data: new TextEncoder().encode(JSON.stringify(object)),
  };
}
