import { createPubSubChanges, type PubSubChangesOptions } from "../adapters/pubsub/changes.ts";
import type { PubSubSettings } from "../config/gcs.ts";
import { type FollowListener, follow } from "../core/ingest/follow.ts";
import type { Source } from "../core/ports.ts";
import type { IngestEngine } from "./engine.ts";
import type { Telemetry } from "./telemetry.ts";

export type NotificationListener = Pick<PubSubChangesOptions, "onIrrelevant" | "onConnected" | "onTrouble">;

export interface BucketFollowing {
  readonly engine: Pick<IngestEngine, "ingest" | "refresh">;
  readonly source: Source;
  readonly queue: PubSubSettings & { readonly subscription: string };
  readonly allowMassDelete: boolean;
  readonly notifications: NotificationListener;
  readonly listener: FollowListener;
  readonly telemetry?: Telemetry | undefined;
  /** As in `follow`. */
  readonly stopping: AbortSignal;
  readonly signal: AbortSignal;
}

/**
 * Keeps an index true to a bucket as its notifications tell, beside any number of others, until it is stopped. Then Pub/Sub
 * knows of all that was done, and has the rest back.
 *
 * @throws what waiting does not mend, as `Changes.listen`.
 */
export async function followBucket(following: BucketFollowing): Promise<void> {
  const { engine, source, queue, allowMassDelete, notifications, listener, stopping, signal, telemetry } = following;
  const { messagesInHand, ...access } = queue;
  const told = createPubSubChanges({ ...access, unsettled: messagesInHand, scope: source.scope, ...notifications });
  const changes = telemetry?.changes(told, "gcp_pubsub") ?? told;
  try {
    await follow({
      changes,
      lotsInFlight: messagesInHand,
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
