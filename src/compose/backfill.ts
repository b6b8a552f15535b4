import { createPublisher, notificationOf } from "../adapters/pubsub/publisher.ts";
import { IsthmusError } from "../core/errors.ts";
import { type BackfillOptions, type BackfillProgress, backfillSource } from "../core/ingest/backfill.ts";
import { createCutting } from "../core/ingest/pipeline.ts";
import type { ManifestCounts, Source, StoreReader } from "../core/ports.ts";
import { openParsers } from "./parsers.ts";
import type { Runtime } from "./runtime.ts";

export interface BackfillPlace {
  readonly topic: string;
  readonly emulator: string | undefined;
}

/** Has the objects of a bucket that the index does not hold told to its workers. */
export async function backfill(
  runtime: Runtime,
  source: Source,
  { topic, emulator }: BackfillPlace,
  options: BackfillOptions,
): Promise<BackfillProgress> {
  const registry = await openParsers(runtime.settings);
  const publisher = createPublisher({ emulator }, topic);
  const manifest = await openIfThere(runtime, options.signal);
  try {
    const { fingerprints } = createCutting({ registry, embedder: runtime.embedder, analyzer: runtime.analyzer });
    return await backfillSource(
      {
        manifest,
        fingerprints,
        publish: (objects) =>
          publisher.publish(
            objects.map(({ ref, reindex }) => notificationOf(ref, { reindex })),
            options.signal,
          ),
      },
      source,
      options,
    );
  } finally {
    publisher.close();
    await registry.close().finally(() => manifest?.close());
  }
}

/** What the index holds under the prefix. */
export async function countsUnder(runtime: Runtime, prefix: string, signal?: AbortSignal): Promise<ManifestCounts> {
  const reader = await openIfThere(runtime, signal);
  try {
    return (await reader?.count(prefix, signal)) ?? { documents: 0, chunks: 0, failed: 0, skipped: 0 };
  } finally {
    await reader?.close();
  }
}

async function openIfThere({ store, embedder }: Runtime, signal?: AbortSignal): Promise<StoreReader | undefined> {
  try {
    return await store.openReader(embedder.identity, signal);
  } catch (thrown) {
    if (thrown instanceof IsthmusError && thrown.code === "store_missing") return undefined;
    throw thrown;
  }
}
