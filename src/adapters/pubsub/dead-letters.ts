import { timestampDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { gcsUri } from "../source/gcs/location.ts";
import { createPubSubConnection, type PubSubAccess } from "./connection.ts";
import { pubSubFailure } from "./failures.ts";
import type { OutgoingMessage } from "./publisher.ts";
import type { ReceivedMessage } from "./rpc/pubsub_pb.ts";

const messagesPerPull = 200;
/** A server that has nothing may take its time to say so. */
const pullMs = 10_000;
/** A pull may come back empty although something waits. */
const emptyPulls = 3;
/** What Pub/Sub adds when it moves a message to the dead letters. */
const addedAttributes = /^CloudPubSubDeadLetter/;
const deliveriesAttribute = "CloudPubSubDeadLetterSourceDeliveryCount";

/** A message that was delivered as often as its subscription allows, and never acknowledged. */
export interface DeadLetter {
  readonly id: string;
  /** Of the object it tells of; undefined where it is no notification of Cloud Storage. */
  readonly uri?: string;
  /** `OBJECT_FINALIZE`, `OBJECT_DELETE`; "" where it says none. */
  readonly event: string;
  readonly generation?: string;
  /** When it was set aside, ISO 8601. */
  readonly at: string;
  /** How often it was delivered before. */
  readonly deliveries?: number;
  /** The message as it was first published. */
  readonly message: OutgoingMessage;
}

export interface DeadLetters {
  /**
   * Hands out what waits, some at a time and each message once; ends where nothing comes any more, or what comes is newer than
   * the beginning. Whatever `done` is not told of goes back when it ends.
   */
  each(
    use: (
      letters: readonly DeadLetter[],
      done: (letters: readonly DeadLetter[]) => Promise<void>,
    ) => Promise<"on" | "enough">,
    signal?: AbortSignal,
  ): Promise<void>;
  close(): void;
}

/** @param subscription `projects/p/subscriptions/s`, to the topic of the dead letters. */
export function createDeadLetters(access: PubSubAccess, subscription: string): DeadLetters {
  const connection = createPubSubConnection(access);
  const { subscriber } = connection;
  const what = `the subscription ${subscription}`;

  async function pull(signal: AbortSignal | undefined): Promise<readonly ReceivedMessage[]> {
    return await connection.call(what, async () => {
      try {
        const options = { timeoutMs: pullMs, ...(signal && { signal }) };
        return (await subscriber.pull({ subscription, maxMessages: messagesPerPull }, options)).receivedMessages;
      } catch (thrown) {
        if (thrown instanceof ConnectError && thrown.code === Code.DeadlineExceeded) return [];
        throw thrown;
      }
    });
  }

  return {
    async each(use, signal) {
      const began = Date.now();
      const kept = new Map<string, string>();
      const seen = new Set<string>();
      try {
        for (let empty = 0; empty < emptyPulls; ) {
          signal?.throwIfAborted();
          const received = await pull(signal);
          const letters: DeadLetter[] = [];
          const ackIds = new Map<DeadLetter, string>();
          for (const one of received) {
            const letter = toLetter(one);
            kept.set(letter.id, one.ackId);
            // Come again, or set aside since this began: another run's.
            if (seen.has(letter.id) || Date.parse(letter.at) > began + pullMs) continue;
            seen.add(letter.id);
            letters.push(letter);
            ackIds.set(letter, one.ackId);
          }
          empty = letters.length === 0 ? empty + 1 : 0;
          if (letters.length === 0) continue;
          const next = await use(letters, async (done) => {
            await connection.call(what, (options) =>
              subscriber.acknowledge({ subscription, ackIds: done.flatMap((one) => ackIds.get(one) ?? []) }, options),
            );
            for (const { id } of done) kept.delete(id);
          });
          if (next === "enough") return;
        }
      } catch (thrown) {
        throw signal?.aborted === true ? signal.reason : pubSubFailure(thrown, what, connection.endpoint);
      } finally {
        const ackIds = [...kept.values()];
        // At once, for the next who asks; it would come back by itself when its lease is over.
        for (let from = 0; from < ackIds.length; from += messagesPerPull) {
          const back = ackIds.slice(from, from + messagesPerPull);
          await connection
            .call(what, (options) =>
              subscriber.modifyAckDeadline({ subscription, ackIds: back, ackDeadlineSeconds: 0 }, options),
            )
            .catch(() => undefined);
        }
      }
    },
    close: () => connection.close(),
  };
}

function toLetter({ message }: ReceivedMessage): DeadLetter {
  const { attributes = {}, data = new Uint8Array(), messageId = "", publishTime } = message ?? {};
  const { bucketId, objectId, eventType = "", objectGeneration } = attributes;
  const deliveries = Number(attributes[deliveriesAttribute]);
  const own = Object.entries(attributes).filter(([name]) => !addedAttributes.test(name));
  return {
    id: messageId,
    ...(bucketId !== undefined && objectId !== undefined && { uri: gcsUri(bucketId, objectId) }),
    event: eventType,
    ...(objectGeneration !== undefined && { generation: objectGeneration }),
    at: (publishTime === undefined ? new Date(0) : timestampDate(publishTime)).toISOString(),
    ...(Number.isSafeInteger(deliveries) && deliveries > 0 && { deliveries }),
    message: { attributes: Object.fromEntries(own), data },
  };
}
