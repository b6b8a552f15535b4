import { setTimeout as sleep } from "node:timers/promises";
import { IsthmusError } from "../errors.ts";
import type { Manifest, Source } from "../ports.ts";
import type { ManifestEntry, ObjectRef } from "../types.ts";
import { refsPerPage } from "./batch.ts";
import { decide } from "./decide.ts";

/** One object that is to be told of. */
export interface Told {
  readonly ref: ObjectRef;
  /** The index has this version, as an earlier pipeline made it. */
  readonly reindex: boolean;
}

export interface BackfillParts {
  /** Undefined where nothing was ever indexed. */
  readonly manifest: Manifest | undefined;
  readonly fingerprints: ReadonlySet<string>;
  publish(objects: readonly Told[]): Promise<void>;
}

export interface BackfillOptions {
  /** Objects told in a second, at most. */
  readonly perSecond: number;
  /** Tells also of those that failed before at their present version. */
  readonly retryFailed?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BackfillProgress) => void;
}

export interface BackfillProgress {
  readonly listed: number;
  readonly published: number;
  /** In the index already, in this version and by this pipeline. */
  readonly unchanged: number;
  /** Failed before at their present version, and not told of. */
  readonly failed: number;
  readonly unlisted: number;
}

/**
 * Has every object of a source that the index does not hold told to the workers, at a rate. The manifest says what is done, so one
 * that was stopped is begun anew and tells of what is left; an object that is told of twice is written once.
 */
export async function backfillSource(
  { manifest, fingerprints, publish }: BackfillParts,
  source: Source,
  options: BackfillOptions,
): Promise<BackfillProgress> {
  const { perSecond, retryFailed = false, signal, onProgress = () => {} } = options;
  if (!(perSecond > 0)) throw new IsthmusError("internal", `A rate of ${perSecond} objects a second.`);
  const counts = { listed: 0, published: 0, unchanged: 0, failed: 0, unlisted: 0 };
  const pace = createPace(perSecond, signal);
  let page: ObjectRef[] = [];
  const flush = async () => {
    const uris = page.map(({ uri }) => uri);
    const entries = uris.length === 0 ? [] : ((await manifest?.entries(uris, signal)) ?? []);
    const told: Told[] = [];
    for (const [at, ref] of page.entries()) {
      const entry: ManifestEntry = entries[at] ?? { uri: ref.uri };
      const decision = decide(ref, entry, fingerprints, { maxAttempts: 1, retryFailed });
      if (decision.kind === "given-up") counts.failed++;
      else if (decision.kind !== "write") counts.unchanged++;
      else told.push({ ref, reindex: entry.current?.state === "indexed" && entry.current.version === ref.version });
    }
    // A small lot at a time, so that a low rate is one for the workers too.
    const lot = Math.max(1, Math.min(100, Math.ceil(perSecond / 4)));
    for (let from = 0; from < told.length; from += lot) {
      const part = told.slice(from, from + lot);
      await pace(part.length);
      await publish(part);
      counts.published += part.length;
      onProgress({ ...counts });
    }
    page = [];
    onProgress({ ...counts });
  };
  for await (const item of source.list(signal)) {
    signal?.throwIfAborted();
    if (item.kind === "fault") {
      counts.unlisted++;
      continue;
    }
    if (item.kind !== "object") continue;
    counts.listed++;
    page.push(item.ref);
    if (page.length >= refsPerPage) await flush();
  }
  await flush();
  return counts;
}

/** Waits until so many more may go. */
function createPace(perSecond: number, signal: AbortSignal | undefined) {
  let free = performance.now();
  return async (count: number) => {
    const now = performance.now();
    const wait = free - now;
    free = Math.max(free, now) + (count / perSecond) * 1_000;
    if (wait > 0) await sleep(wait, undefined, signal && { signal });
  };
}
