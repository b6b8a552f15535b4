import { inBatches } from "../concurrency.ts";
import type { IsthmusError } from "../errors.ts";
import { fileName } from "../file-name.ts";
import { decide, isMadeAsNow } from "../ingest/decide.ts";
import type { Cutting } from "../ingest/pipeline.ts";
import type { Manifest, Source } from "../ports.ts";
import { type ManifestEntry, type ObjectRef, unreadVersion } from "../types.ts";
import { createLeftOut, type LeftOut } from "./left-out.ts";
import { createStrata, type Stratum } from "./stratum.ts";

const refsPerBatch = 500;
/** As ingestion has it. */
const attempts = { maxAttempts: 3, retryFailed: false };
const noHead = new Uint8Array();
const linesOfJson = new TextEncoder().encode("{}\n{}");

export interface SurveyParts extends Pick<Cutting, "registry" | "fingerprints"> {
  /** Of the index as it stands; undefined where there is none yet. */
  readonly manifest: Pick<Manifest, "entries" | "count"> | undefined;
  /** Limit of a file that is one document, bytes. */
  readonly maxFileBytes: number;
}

export interface SurveyOptions {
  /** Documents drawn from each stratum, at most. */
  readonly drawn: number;
  readonly signal?: AbortSignal;
  readonly onListed?: (objects: number) => void;
}

/** What sources hold, by their listings alone, and what an ingest would do with it. */
export interface Survey {
  readonly objects: number;
  readonly bytes: number;
  /** Documents that would be read because the index does not have them, or has another version. */
  readonly added: number;
  readonly changed: number;
  /** Of `changed`: the same as in the index, as far as can be told unread, and made by an earlier version of what reads them. */
  readonly outdated: number;
  /** Of `changed`: of the same size as in the index, and not read to compare. They may prove unchanged. */
  readonly uncompared: number;
  readonly unchanged: number;
  /** In the index and no longer in the source; undefined where places could not be listed. */
  readonly removed: number | undefined;
  /** What would not be read, or not be of use, by kind. */
  readonly leftOut: readonly LeftOut[];
  /** Places that could not be listed. */
  readonly faults: readonly { readonly uri: string; readonly error: IsthmusError }[];
  /** The documents to be read. */
  readonly strata: readonly Stratum[];
}

/** Lists the sources, and reads nothing. @throws what makes a source impossible to list. */
export async function surveySources(
  sources: readonly Source[],
  parts: SurveyParts,
  options: SurveyOptions,
): Promise<Survey> {
  const { registry, manifest, fingerprints, maxFileBytes } = parts;
  const strata = createStrata(options.drawn);
  const leftOut = createLeftOut();
  const counts = { objects: 0, bytes: 0, added: 0, changed: 0, outdated: 0, uncompared: 0, unchanged: 0 };
  const faults: { uri: string; error: IsthmusError }[] = [];
  let indexed = 0;
  let found = 0;

  const take = (source: Source, ref: ObjectRef, entry: ManifestEntry) => {
    counts.objects++;
    counts.bytes += ref.size;
    if (entry.current?.state === "indexed") found++;
    const decision = decide(ref, entry, fingerprints, attempts);
    if (decision.kind === "unchanged" || decision.kind === "superseded") {
      counts.unchanged++;
      return;
    }
    if (decision.kind !== "write") {
      const outcome = decision.kind === "skipped" ? "skipped" : "failed";
      return leftOut.add(outcome, decision.failure.code, extensionOf(ref), ref.size);
    }
    const selection = registry.select(ref, noHead);
    if ("skip" in selection) return leftOut.add("skipped", selection.skip.code, extensionOf(ref), ref.size);
    const { parser, contentType } = selection;
    if (ref.size === 0) return leftOut.add("empty", "content_blank", contentType, 0);
    if (ref.size > maxFileBytes && !parser.records && !mayHoldRecords(ref)) {
      return leftOut.add("failed", "source_too_large", contentType, ref.size);
    }
    counts[decision.outcome]++;
    const { current } = entry;
    if (current?.state === "indexed") {
      const isMadeSo = isMadeAsNow(current, fingerprints);
      if (!isMadeSo && (current.version === ref.version || current.size === ref.size)) counts.outdated++;
      if (isMadeSo && ref.version === unreadVersion && current.size === ref.size) counts.uncompared++;
    }
    strata.add(contentType, { source, ref });
  };
  /** A file named .json may prove to hold one object a line, and then has no limit of size. */
  const mayHoldRecords = (ref: ObjectRef) => {
    const selection = registry.select(ref, linesOfJson);
    return "parser" in selection && selection.parser.records;
  };

  for (const source of sources) {
    indexed += await documentsIn(manifest, source.scope);
    for await (const batch of inBatches(source.list(options.signal), refsPerBatch)) {
      options.signal?.throwIfAborted();
      const refs = batch.flatMap((item) => (item.kind === "object" ? [item.ref] : []));
      const entries = (await manifest?.entries(refs.map((ref) => ref.uri))) ?? [];
      for (const [index, ref] of refs.entries()) take(source, ref, entries[index] ?? { uri: ref.uri });
      for (const item of batch) if (item.kind === "fault") faults.push(item);
      options.onListed?.(counts.objects);
    }
  }
  const removed = faults.length > 0 ? undefined : Math.max(0, indexed - found);
  return { ...counts, removed, leftOut: leftOut.all(), faults, strata: strata.all() };
}

async function documentsIn(manifest: SurveyParts["manifest"], scope: string): Promise<number> {
  if (manifest === undefined) return 0;
  if (scope.endsWith("/")) return (await manifest.count(scope)).documents;
  const [entry] = await manifest.entries([scope]);
  return entry?.current?.state === "indexed" ? 1 : 0;
}

/** What people call the kind of a foreign file: `.png`. */
function extensionOf({ uri }: ObjectRef): string {
  const name = fileName(uri);
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(dot).toLowerCase() : "no extension";
}
