import { setTimeout as sleep } from "node:timers/promises";
import type { IsthmusError } from "../../core/errors.ts";
import type { PubSubConnection } from "./connection.ts";

/** Identifiers in one request, far below its limit of 512 KiB. */
const idsPerRequest = 1_000;
/** What fails so often is given up: the message comes again, and is found done. */
const attempts = 5;
const baseMs = 100;

export interface LeaseOptions {
  /** The subscription, `projects/p/subscriptions/s`. */
  readonly subscription: string;
  /** How long Pub/Sub waits for a message in hand before it gives it to another. */
  readonly leaseSeconds: number;
  onTrouble(error: IsthmusError): void;
}

/** Messages in hand: theirs is renewed three times within its length, until they end. */
export interface Leases {
  hold(ackId: string): void;
  /** It is done: Pub/Sub forgets it. */
  acknowledge(ackId: string): void;
  /** Somebody may have it again, as soon as the subscription's policy lets. */
  giveBack(ackId: string): void;
  /** Resolves when Pub/Sub has been told of all that ended. Gives back what did not. */
  close(): Promise<void>;
}

export function createLeases(connection: PubSubConnection, options: LeaseOptions): Leases {
  const { subscription, leaseSeconds, onTrouble } = options;
  const what = `the subscription ${subscription}`;
  const held = new Set<string>();
  const modify = (ackIds: string[], ackDeadlineSeconds: number) =>
    connection.call(what, (call) =>
      connection.subscriber.modifyAckDeadline({ subscription, ackIds, ackDeadlineSeconds }, call),
    );

  const renew = async () => {
    for (const ackIds of groupsOf([...held])) await modify(ackIds, leaseSeconds).catch(onTrouble);
  };
  let renewing: Promise<void> | undefined;
  const timer = setInterval(
    () => {
      renewing ??= renew().finally(() => {
        renewing = undefined;
      });
    },
    (leaseSeconds * 1000) / 3,
  );

  const acknowledged = createSender(async (ackIds) => {
    await connection.call(what, (call) => connection.subscriber.acknowledge({ subscription, ackIds }, call));
  }, onTrouble);
  const givenBack = createSender(async (ackIds) => {
    await modify(ackIds, 0);
  }, onTrouble);
  const end = (sender: Sender, ackId: string) => {
    if (held.delete(ackId)) sender.add(ackId);
  };
  return {
    hold: (ackId) => void held.add(ackId),
    acknowledge: (ackId) => end(acknowledged, ackId),
    giveBack: (ackId) => end(givenBack, ackId),
    async close() {
      clearInterval(timer);
      for (const ackId of [...held]) end(givenBack, ackId);
      await Promise.all([renewing, acknowledged.idle(), givenBack.idle()]);
    },
  };
}

interface Sender {
  add(id: string): void;
  idle(): Promise<void>;
}

/** Sends at once; what comes while a request is under way shares the next. */
function createSender(send: (ids: string[]) => Promise<void>, onTrouble: (error: IsthmusError) => void): Sender {
  const waiting: string[] = [];
  let sending: Promise<void> | undefined;
  async function sendAll(): Promise<void> {
    // What ends in this turn of the event loop is told together.
    await Promise.resolve();
    while (waiting.length > 0) {
      const ids = waiting.splice(0, idsPerRequest);
      for (let attempt = 1; ; attempt++) {
        try {
          await send(ids);
          break;
        } catch (thrown) {
          onTrouble(thrown as IsthmusError);
          if (attempt === attempts || !(thrown as IsthmusError).retryable) break;
          await sleep(baseMs * 2 ** attempt);
        }
      }
    }
    sending = undefined;
  }
  return {
    add(id) {
      waiting.push(id);
      sending ??= sendAll();
    },
    idle: async () => await sending,
  };
}

function* groupsOf(ids: readonly string[]): Generator<string[]> {
  for (let from = 0; from < ids.length; from += idsPerRequest) yield ids.slice(from, from + idsPerRequest);
}
