import { existsSync } from "node:fs";
import { IsthmusError } from "../core/errors.ts";
import { createCutting } from "../core/ingest/pipeline.ts";
import { type Plan, type PlanOptions, planIngest } from "../core/plan/plan.ts";
import type { Source, StoreReader } from "../core/ports.ts";
import { openParsers } from "./parsers.ts";
import type { Runtime } from "./runtime.ts";

/**
 * Estimates what an ingest of the sources into the store would take, and writes nothing.
 *
 * @throws `store_mismatch` and its like, as the ingest would.
 */
export async function planSources(
  runtime: Runtime,
  sources: readonly Source[],
  options: Omit<PlanOptions, "limits"> & { readonly sample: { readonly documents: number; readonly bytes: number } },
): Promise<Plan> {
  const { settings, embedder, analyzer } = runtime;
  const registry = await openParsers(settings);
  let manifest: StoreReader | undefined;
  try {
    manifest = await openIndex(runtime);
    const cutting = createCutting({ registry, embedder, analyzer });
    const limits = { ...options.sample, maxFileBytes: settings.maxFileBytes };
    return await planIngest(sources, { cutting, embedder, manifest }, { ...options, limits });
  } finally {
    await registry.close().finally(() => manifest?.close());
  }
}

/** Undefined while there is no index: then everything is new. */
async function openIndex({ settings, store, embedder }: Runtime): Promise<StoreReader | undefined> {
  if (settings.weaviate === undefined && !existsSync(settings.dataDir)) return undefined;
  try {
    return await store.openReader(embedder.identity);
  } catch (error) {
    if (error instanceof IsthmusError && error.code === "store_missing") return undefined;
    throw error;
  }
}
