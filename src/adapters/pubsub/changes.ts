import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { IsthmusError } from "../../core/errors.ts";
import type { Change, Changes } from "../../core/ports.ts";
import { createPubSubConnection, type PubSubAccess } from "./connection.ts";
import { pubSubFailure } from "./failures.ts";
import { createLeases } from "./leases.ts";
import { type Irrelevance, readNotification } from "./notification.ts";
import type { ReceivedMessage } from "./rpc/pubsub_pb.ts";

/** Of messages in hand; a notification has about a kilobyte. */
const outstandingBytes = 10 * 2 ** 20;
/** Before a broken stream is opened again: doubles, with jitter, from the first to the longest. */
const reconnect = { firstMs: 100, longestMs: 30_000 } as const;
/** A stream that was not refused by then stands: the server says nothing before it has a message. */
const standsAfterMs = 1_000;
/** Between two sides of a quiet stream some box may take it for dead. */
const keepAliveMs = 30_000;

export interface PubSubChangesOptions extends PubSubAccess {
  /** `projects/p/subscriptions/s`. */
  readonly subscription: string;
  /** What is of interest: a source's scope. Everything else is acknowledged, and told to `onIrrelevant`. */
  readonly scope: string;
  /** Messages in hand. */
  readonly unsettled: number;
  /** 10 to 600, Pub/Sub's own bounds. */
  readonly leaseSeconds: number;
  onIrrelevant?(why: Irrelevance): void;
  /** The stream stands. */
  onConnected?(): void;
  /** Pub/Sub is away, or refuses: it is tried again. */
  onTrouble?(error: IsthmusError): void;
}

/**
 * Notifications of Cloud Storage from a Pub/Sub subscription, by StreamingPull. No more messages are in hand than said, here
 * and at the server; the lease of each is renewed until it ends, however long that takes. A stream that ends is opened again.
 */
export function createPubSubChanges(options: PubSubChangesOptions): Changes {
  const { subscription, scope, unsettled, leaseSeconds } = options;
  const { onIrrelevant = () => undefined, onConnected = () => undefined, onTrouble = () => undefined } = options;
  const connection = createPubSubConnection(options);
  const leases = createLeases(connection, { subscription, leaseSeconds, onTrouble });
  const what = `the subscription ${subscription}`;
  const clientId = randomUUID();
  let open = 0;
  let freed = Promise.withResolvers<void>();
  const closing = new AbortController();

  const toChange = (received: ReceivedMessage): Change | undefined => {
    const { ackId, message, deliveryAttempt } = received;
    leases.hold(ackId);
    const notified = readNotification(message?.attributes ?? {}, message?.data ?? new Uint8Array(), scope);
    if (notified.kind === "irrelevant") {
      leases.acknowledge(ackId);
      onIrrelevant(notified.why);
      return undefined;
    }
    open++;
    let ended = false;
    const end = (tell: (ackId: string) => void) => () => {
      if (ended) return;
      ended = true;
      open--;
      tell(ackId);
      freed.resolve();
    };
    const at = message?.publishTime === undefined ? new Date() : timestampDate(message.publishTime);
    return {
      ...notified,
      kind: "change",
      // Absent where the subscription has no dead letters.
      delivery: Math.max(1, deliveryAttempt),
      at: at.toISOString(),
      done: end(leases.acknowledge),
      again: end(leases.giveBack),
    };
  };

  async function room(signal: AbortSignal): Promise<void> {
    const onAbort = () => freed.resolve();
    signal.addEventListener("abort", onAbort);
    while (open >= unsettled && !signal.aborted) {
      freed = Promise.withResolvers();
      await freed.promise;
    }
    signal.removeEventListener("abort", onAbort);
  }

  /** One stream, until it ends. @param stands called once, when it is not refused. */
  async function* stream(signal: AbortSignal, stands: () => void): AsyncGenerator<Change> {
    const settings = {
      subscription,
      clientId,
      streamAckDeadlineSeconds: leaseSeconds,
      maxOutstandingMessages: BigInt(unsettled),
      maxOutstandingBytes: BigInt(outstandingBytes),
    };
    async function* requests() {
      yield settings;
      // The stream is open as long as its requests are.
      while (!signal.aborted) {
        await sleep(keepAliveMs, undefined, { signal }).catch(() => undefined);
        if (!signal.aborted) yield {};
      }
    }
    const standing = setTimeout(stands, standsAfterMs);
    try {
      for await (const { receivedMessages } of connection.subscriber.streamingPull(requests(), { signal })) {
        clearTimeout(standing);
        stands();
        for (const received of receivedMessages) {
          await room(signal);
          if (signal.aborted) return;
          const change = toChange(received);
          if (change !== undefined) yield change;
        }
      }
    } finally {
      clearTimeout(standing);
    }
  }

  async function* listen(outer: AbortSignal): AsyncGenerator<Change> {
    const signal = AbortSignal.any([outer, closing.signal]);
    let stood = false;
    for (let failures = 0; !signal.aborted; failures++) {
      const ending = new AbortController();
      const stands = () => {
        stood = true;
        failures = 0;
        onConnected();
      };
      try {
        yield* stream(AbortSignal.any([signal, ending.signal]), stands);
      } catch (thrown) {
        if (signal.aborted) return;
        const failure = pubSubFailure(thrown, what, connection.endpoint);
        // What was there once may come back; a name or a right that is wrong from the start does not.
        if (!stood && !failure.retryable) throw failure;
        if (failure.code === "source_unreadable") connection.forget();
        onTrouble(failure);
      } finally {
        ending.abort();
      }
      const longest = Math.min(reconnect.longestMs, reconnect.firstMs * 2 ** failures);
      await sleep(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    }
  }

  return {
    limits: { unsettled },
    listen,
    async close() {
      closing.abort();
      await leases.close();
      connection.close();
    },
  };
}
