import { createPubSubChanges, type PubSubChangesOptions } from "../adapters/pubsub/changes.ts";
import type { Queue } from "../config/events.ts";
import { type FollowListener, follow } from "../core/ingest/follow.ts";
import type { Changes, Source } from "../core/ports.ts";
import type { IngestEngine } from "./ingest-engine.ts";
import type { Telemetry } from "./telemetry.ts";

export type NotificationListener = Pick<PubSubChangesOptions, "onIrrelevant" | "onConnected" | "onTrouble">;

export interface BucketFollowing {
  readonly engine: Pick<IngestEngine, "ingest" | "refresh">;
  readonly source: Source;
  readonly queue: Queue;
  readonly allowMassDelete: boolean;
  readonly notifications: NotificationListener;
  readonly listener: FollowListener;
  readonly telemetry?: Telemetry | undefined;
  /** As in `follow`. */
  readonly stopping: AbortSignal;
  readonly signal: AbortSignal;
}

/** What is told of the source's objects. */
export function openBucketChanges(source: Source, queue: Queue, listener: NotificationListener): Changes {
  const { messagesInHand, ...access } = queue;
  return createPubSubChanges({ ...access, unsettled: messagesInHand, scope: source.scope, ...listener });
}

/**
 * Keeps an index true to a bucket as its notifications tell, beside any number of others, until it is stopped. Then Pub/Sub
 * knows of all that was done, and has the rest back.
 *
 * @throws what waiting does not mend, as `Changes.listen`.
 */
export async function followBucket(following: BucketFollowing): Promise<void> {
  const { engine, source, queue, allowMassDelete, notifications, listener, stopping, signal, telemetry } = following;
  const told = openBucketChanges(source, queue, notifications);
  const changes = telemetry?.changes(told, "gcp_pubsub") ?? told;
  try {
    await follow({
      changes,
      lotsInFlight: changes.limits.unsettled,
      refresh: (hints, lot) => engine.refresh(source, hints, { allowMassDelete, shared: true, ...lot }),
      rescan: (within) => engine.ingest(source, { signal: within }),
      listener,
      stopping,
      signal,
    });
  } finally {
    await changes.close();
  }
}
