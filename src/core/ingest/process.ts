import { IsthmusError, isErrorCode, present, toIsthmusError } from "../errors.ts";
import type { IngestEvent, IngestOptions } from "../ingest-types.ts";
import type { Source } from "../ports.ts";
import type { FailureRow, ManifestEntry, ObjectRef } from "../types.ts";
import type { WorkLimits } from "./batch.ts";
import { decide } from "./decide.ts";
import { writeDocument } from "./document.ts";
import type { Pipeline } from "./pipeline.ts";

/** Times one run follows an object that changes while it is read. */
const changesFollowed = 3;
const defaultMaxAttempts = 3;

export interface Run {
  readonly pipeline: Pipeline;
  readonly source: Source;
  readonly options: IngestOptions;
  readonly emit: (event: IngestEvent) => void;
  /**
   * Told of objects that turn out to be gone, with what the index had of them before that was seen; what becomes of them is
   * decided at the end, over all of them.
   */
  readonly vanished: (uri: string, known: ManifestEntry) => void;
  /**
   * Where others write to this index too: looks at an object once more when the index has its version. Whoever heard of its end
   * before that found nothing to remove, and nobody would ever remove it. Throws what must end the run.
   */
  readonly confirm?: (uri: string, known: ManifestEntry) => Promise<void>;
  /** The same version is written again for another fingerprint; absent: always. */
  readonly reindexes?: (uri: string) => boolean;
  /** Told when an object is through, whatever became of it. */
  readonly ended?: (uri: string) => void;
  /** What is in hand at once, shared with other runs; absent: a run's own. */
  readonly limits?: WorkLimits;
}

/** Brings one object of the listing into the index, or records why it cannot be. Throws what must end the run. */
export async function processObject(run: Run, listed: ObjectRef, entry: ManifestEntry): Promise<void> {
  const { around } = run.pipeline;
  if (around === undefined) return await bringIn(run, listed, entry);
  return await around(listed, () => bringIn(run, listed, entry));
}

async function bringIn(run: Run, listed: ObjectRef, entry: ManifestEntry): Promise<void> {
  let ref = listed;
  let known = entry;
  for (let changes = 0; ; changes++) {
    try {
      return await attemptObject(run, ref, known);
    } catch (error) {
      if (run.options.signal?.aborted === true) throw error;
      const failure = toIsthmusError(error);
      if (failure.fatal) throw failure;
      const next = await nextVersion(run, ref, failure, changes);
      if (next === "gone") return run.vanished(ref.uri, known);
      if (next instanceof IsthmusError) return await recordFailure(run, ref, known, next, "failed");
      ref = next;
      const [entry] = await run.pipeline.writer.entries([ref.uri], run.options.signal);
      known = present(entry, `the entry of ${ref.uri}`);
    }
  }
}

/**
 * What to do after a failure: read the live object if it changed under the reader, else record the error. The same version
 * again is read again too: what was read was not it (damaged on the way, or changed and changed back).
 */
async function nextVersion(
  run: Run,
  ref: ObjectRef,
  failure: IsthmusError,
  changes: number,
): Promise<ObjectRef | IsthmusError | "gone"> {
  if (failure.code !== "source_changed" || changes >= changesFollowed) return failure;
  try {
    return (await run.source.head(ref.uri, run.options.signal)) ?? "gone";
  } catch (thrown) {
    const error = toIsthmusError(thrown);
    if (error.fatal) throw error;
    return error;
  }
}

/** How often failures are tried again. */
export function retryOf({ maxAttempts = defaultMaxAttempts, retryFailed = false }: IngestOptions) {
  return { maxAttempts, retryFailed };
}

async function attemptObject(run: Run, ref: ObjectRef, entry: ManifestEntry): Promise<void> {
  const { pipeline, source, options, emit } = run;
  const rules = { ...retryOf(options), reindex: run.reindexes?.(ref.uri) ?? true };
  const decision = decide(ref, entry, pipeline.fingerprints, rules);
  const told = (outcome: "unchanged" | "skipped" | "failed", error?: IsthmusError) => {
    const faults = outcome === "unchanged" ? (entry.current?.faultCount ?? 0) : 0;
    emit({ kind: "document", uri: ref.uri, outcome, chunks: 0, bytes: ref.size, faults, ...(error && { error }) });
  };
  switch (decision.kind) {
    case "unchanged":
      if (decision.recovered) await pipeline.writer.clearFailures([ref.uri], options.signal);
      told("unchanged");
      return await run.confirm?.(ref.uri, entry);
    case "superseded":
      return told("unchanged");
    case "skipped":
      return told("skipped", errorOf(decision.failure));
    case "given-up":
      return told("failed", errorOf(decision.failure));
  }
  if (decision.needsLiveObject) {
    const live = await source.head(ref.uri, options.signal);
    if (live?.version !== ref.version) return told("unchanged");
  }
  const attempt = { uri: ref.uri, order: decision.order, version: ref.version, fingerprint: pipeline.fingerprint };
  const listener = {
    read: (bytes: number) => emit({ kind: "read", uri: ref.uri, bytes }),
    chunks: (chunks: number, embedded: number) => emit({ kind: "chunks", uri: ref.uri, chunks, embedded }),
    fault: ({ id, code, reason }: { id: string; code: string; reason: string }) =>
      emit({ kind: "fault", uri: ref.uri, id, code, reason }),
    passedOver: ({ id, code, reason }: { id: string; code: string; reason: string }) =>
      emit({ kind: "passed-over", uri: ref.uri, id, code, reason }),
  };
  const written = await writeDocument(pipeline, source, ref, attempt, listener, options.signal);
  if (written.kind === "skip") return await recordFailure(run, ref, entry, written.error, "skipped");
  const { row, supersededBy } = written.committed;
  // Somebody was faster with a version that stands above this one: the index is up to date, and not by us.
  if (supersededBy !== undefined) return told("unchanged");
  const outcome = row.chunks === 0 ? "empty" : decision.outcome;
  const error = written.emptied;
  const empty = error === undefined ? {} : { error, faults: 1 };
  emit({ kind: "document", uri: ref.uri, outcome, chunks: row.chunks, bytes: ref.size, ...empty });
  await run.confirm?.(ref.uri, { uri: ref.uri, current: row });
}

async function recordFailure(
  run: Run,
  ref: ObjectRef,
  entry: ManifestEntry,
  error: IsthmusError,
  state: FailureRow["state"],
): Promise<void> {
  const { fingerprint, writer } = run.pipeline;
  const before = entry.failure;
  const same = before?.version === ref.version && before.fingerprint === fingerprint;
  // What may pass by itself is tried in every run; only verdicts on the content count towards the cap.
  const attempts = (same ? before.attempts : 0) + (error.retryable ? 0 : 1);
  const { code, message: reason } = error;
  const at = new Date().toISOString();
  const failure = { uri: ref.uri, version: ref.version, fingerprint, code, reason, attempts, state, at };
  await writer.recordFailure(failure, run.options.signal);
  run.emit({ kind: "document", uri: ref.uri, outcome: state, chunks: 0, bytes: ref.size, error });
}

function errorOf(failure: FailureRow): IsthmusError {
  return new IsthmusError(isErrorCode(failure.code) ? failure.code : "internal", failure.reason);
}
