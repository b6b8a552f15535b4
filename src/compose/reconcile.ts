import { createListingSpill } from "../adapters/store/sqlite/spill.ts";
import { createCutting, createPipeline } from "../core/ingest/pipeline.ts";
import { type Compared, type CompareOptions, type Comparison, compareSource } from "../core/ingest/reconcile.ts";
import type { Source } from "../core/ports.ts";
import { type VerifyEvent, type VerifyReport, verifyIndex } from "../core/verify.ts";
import { openParsers } from "./parsers.ts";
import { prepareDataDirectory, type Runtime } from "./runtime.ts";

export interface ReconcileOptions extends CompareOptions {
  readonly repair?: boolean;
  /** Compares the source with the manifest alone: chunks and vectors are left to `isthmus verify`. */
  readonly skipChunks?: boolean;
  readonly onVerify?: (event: VerifyEvent) => void;
}

export interface Reconciliation {
  readonly comparison: Comparison;
  /** Of the whole index, whatever the source. */
  readonly verification?: VerifyReport;
  readonly repaired: boolean;
  readonly tookMs: number;
}

/**
 * Compares source, manifest and chunks. The chunks come first: a repair takes damaged documents out, which the comparison then
 * finds missing and writes again, so that one reconciliation mends all of it.
 *
 * @throws what `verifyIndex` and `compareSource` throw; `store_missing` where nothing was ever indexed and nothing is to be mended.
 */
export async function reconcile(
  runtime: Runtime,
  source: Source,
  options: ReconcileOptions = {},
): Promise<Reconciliation> {
  const { embedder, store, settings } = runtime;
  const { repair = false, skipChunks = false, signal } = options;
  const started = performance.now();
  await prepareDataDirectory(settings);
  if (repair) await makeIndex(runtime, signal);
  let verification: VerifyReport | undefined;
  if (!skipChunks) {
    const audit = await store.openAudit(embedder.identity, repair ? "repair" : "look", signal);
    const { allowMassDelete = false, onVerify } = options;
    try {
      verification = await verifyIndex(audit, {
        repair,
        allowMassDelete,
        ...(signal && { signal }),
        ...(onVerify && { onEvent: onVerify }),
      });
    } finally {
      await audit.close();
    }
  }
  const spill = createListingSpill(settings.dataDir);
  const { compared, close } = await openCompared(runtime, repair, signal);
  try {
    const comparison = await compareSource(compared, source, spill, options);
    const tookMs = performance.now() - started;
    return { comparison, ...(verification && { verification }), repaired: repair, tookMs };
  } finally {
    spill.close();
    await close();
  }
}

/** An audit opens what is there alone, and a repair begins with nothing as well. */
async function makeIndex({ store, embedder }: Runtime, signal: AbortSignal | undefined): Promise<void> {
  const writer = await store.openWriter(embedder.identity, signal);
  await writer.close();
}

async function openCompared(
  runtime: Runtime,
  repair: boolean,
  signal: AbortSignal | undefined,
): Promise<{ readonly compared: Compared; close(): Promise<void> }> {
  const { embedder, analyzer, store, settings } = runtime;
  const registry = await openParsers(settings);
  try {
    if (!repair) {
      const reader = await store.openReader(embedder.identity, signal);
      const { fingerprints } = createCutting({ registry, embedder, analyzer });
      return {
        compared: { manifest: reader, fingerprints },
        close: () => registry.close().finally(() => reader.close()),
      };
    }
    const writer = await store.openWriter(embedder.identity, signal);
    const pipeline = createPipeline({ registry, embedder, analyzer, writer });
    return {
      compared: { manifest: writer, fingerprints: pipeline.fingerprints, pipeline },
      close: () => registry.close().finally(() => writer.close()),
    };
  } catch (thrown) {
    await registry.close();
    throw thrown;
  }
}

/** What is wrong and stays so: nothing, where all that was found was mended. */
export function leftWrong({ comparison, verification, repaired }: Reconciliation): number {
  const { missing, stale, outdated, ghosts, failed, unlisted, held, unwritten } = comparison;
  const damaged = verification === undefined ? 0 : verification.damaged + verification.orphaned.attempts;
  return repaired
    ? failed + unlisted + held + unwritten
    : missing + stale + outdated + ghosts + failed + unlisted + held + damaged;
}
