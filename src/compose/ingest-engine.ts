import { createListingSpill } from "../adapters/store/sqlite/spill.ts";
import { createWorkLimits } from "../core/ingest/batch.ts";
import type { Hinted } from "../core/ingest/hints.ts";
import { createPipeline } from "../core/ingest/pipeline.ts";
import { type RefreshOptions, refreshObjects, removeScope } from "../core/ingest/refresh.ts";
import { runIngest } from "../core/ingest/run.ts";
import type { IngestOptions, IngestSummary } from "../core/ingest-types.ts";
import type { Manifest, Source } from "../core/ports.ts";
import type { ModelIdentity } from "../core/types.ts";
import { openParsers } from "./parsers.ts";
import { prepareDataDirectory, type Runtime } from "./runtime.ts";

/** The write half, wired: what `ingest`, `start`, `delete` and `--watch` need. Holds the writer's lock until closed. */
export interface IngestEngine {
  readonly identity: ModelIdentity;
  readonly manifest: Manifest;
  ingest(source: Source, options?: IngestOptions): Promise<IngestSummary>;
  /** Brings the index up to date for single objects of the source (a watcher's or a queue's hints); the live objects decide. */
  refresh(source: Source, hints: readonly Hinted[], options?: RefreshOptions): Promise<IngestSummary>;
  /** Removes one URI, or everything under a prefix that ends in "/". */
  remove(uriOrPrefix: string, options?: IngestOptions): Promise<IngestSummary>;
  close(): Promise<void>;
}

/** @throws `store_locked` while another writer lives, `store_mismatch` for another model. */
export async function openIngestEngine(runtime: Runtime, signal?: AbortSignal): Promise<IngestEngine> {
  const { embedder, analyzer, settings, store, telemetry } = runtime;
  await prepareDataDirectory(settings);
  const writer = await store.openWriter(embedder.identity, signal);
  const parsers = await openParsers(settings);
  const registry = telemetry?.registry(parsers) ?? parsers;
  const plain = createPipeline({ registry, embedder, analyzer, writer });
  const pipeline = telemetry?.pipeline(plain, embedder) ?? plain;
  const watched = (source: Source) => telemetry?.source(source) ?? source;
  const run = async <Options extends IngestOptions>(
    name: string,
    options: Options,
    work: (options: Options) => Promise<IngestSummary>,
  ): Promise<IngestSummary> =>
    telemetry === undefined
      ? await work(options)
      : await telemetry.run(name, options.onEvent, (onEvent) => work({ ...options, onEvent }));
  // Of all refreshes together: a queue's lots are worked on side by side.
  const limits = createWorkLimits(pipeline.concurrency);
  return {
    identity: embedder.identity,
    manifest: writer,
    async ingest(source, options = {}) {
      const spill = createListingSpill(settings.dataDir);
      try {
        const given = { allowMassDelete: settings.allowMassDelete, ...options };
        return await run("ingest", given, (watching) => runIngest(pipeline, watched(source), spill, watching));
      } finally {
        spill.close();
      }
    },
    refresh: (source, hints, options) =>
      run("refresh", { limits, ...options }, (watching) => refreshObjects(pipeline, watched(source), hints, watching)),
    remove: (scope, options = {}) => run("remove", options, (watching) => removeScope(pipeline, scope, watching)),
    async close() {
      // The writer is closed whatever the parsers do: it holds the lock.
      await parsers.close().finally(() => writer.close());
    },
  };
}
