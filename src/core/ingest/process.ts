import { IsthmusError as Failure, type IsthmusError, isErrorCode, toIsthmusError } from "../errors.ts";
import type { IngestEvent, IngestOptions } from "../ingest-types.ts";
import type { Source } from "../ports.ts";
import type { FailureRow, ManifestEntry, ObjectRef } from "../types.ts";
import { decide } from "./decide.ts";
import { writeDocument } from "./document.ts";
import type { Pipeline } from "./pipeline.ts";
import { removeDocument } from "./removal.ts";

/** Times one run follows an object that changes while it is read. */
const changesFollowed = 3;
const defaultMaxAttempts = 3;

/** Failures of the platform rather than of a document: they end the run, and no document is blamed for them. */
const fatalPrefixes = ["store_", "embedder_unavailable", "model_", "cancelled", "config_"];

export interface Run {
  readonly pipeline: Pipeline;
  readonly source: Source;
  readonly options: IngestOptions;
  readonly emit: (event: IngestEvent) => void;
}

/** Brings one object of the listing into the index, or records why it cannot be. Throws what must end the run. */
export async function processObject(run: Run, listed: ObjectRef, entry: ManifestEntry): Promise<void> {
  let ref = listed;
  let known = entry;
  for (let changes = 0; ; changes++) {
    try {
      await attemptObject(run, ref, known);
      return;
    } catch (error) {
      const failure = toIsthmusError(error);
      if (run.options.signal?.aborted === true || isFatal(failure)) throw error;
      const live = failure.code === "source_changed" && changes < changesFollowed ? await liveObject(run, ref) : ref;
      if (live === undefined) return await vanished(run, known);
      if (live === ref || live.version === ref.version) return await recordFailure(run, ref, known, failure, "failed");
      ref = live;
      known = await reread(run, ref.uri);
    }
  }
}

async function attemptObject(run: Run, ref: ObjectRef, entry: ManifestEntry): Promise<void> {
  const { pipeline, source, options, emit } = run;
  const decision = decide(ref, entry, pipeline.fingerprint, {
    maxAttempts: options.maxAttempts ?? defaultMaxAttempts,
    retryFailed: options.retryFailed ?? false,
  });
  const told = (outcome: "unchanged" | "skipped" | "failed", error?: IsthmusError) =>
    emit({ kind: "document", uri: ref.uri, outcome, chunks: 0, bytes: ref.size, ...(error && { error }) });
  switch (decision.kind) {
    case "unchanged":
      if (decision.recovered) await pipeline.writer.clearFailure(ref.uri);
      return told("unchanged");
    case "superseded":
      return told("unchanged");
    case "skipped":
      return told("skipped", errorOf(decision.failure));
    case "given-up":
      return told("failed", errorOf(decision.failure));
  }
  if (decision.needsLiveObject) {
    const live = await source.head(ref.uri);
    if (live?.version !== ref.version) return told("unchanged");
  }
  const attempt = { uri: ref.uri, order: decision.order, version: ref.version, fingerprint: pipeline.fingerprint };
  const listener = {
    read: (bytes: number) => emit({ kind: "read", uri: ref.uri, bytes }),
    chunks: (chunks: number, embedded: number) => emit({ kind: "chunks", uri: ref.uri, chunks, embedded }),
    fault: ({ id, code, reason }: { id: string; code: string; reason: string }) =>
      emit({ kind: "fault", uri: ref.uri, id, code, reason }),
  };
  const written = await writeDocument(pipeline, source, ref, attempt, listener, options.signal);
  if (written.kind === "skip") return await recordFailure(run, ref, entry, written.error, "skipped");
  const { chunks } = written.row;
  emit({ kind: "document", uri: ref.uri, outcome: chunks === 0 ? "empty" : decision.outcome, chunks, bytes: ref.size });
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
  await writer.recordFailure({ uri: ref.uri, version: ref.version, fingerprint, code, reason, attempts, state, at });
  run.emit({ kind: "document", uri: ref.uri, outcome: state, chunks: 0, bytes: ref.size, error });
}

async function vanished(run: Run, entry: ManifestEntry): Promise<void> {
  if (!(await removeDocument(run.pipeline.writer, entry))) return;
  run.emit({ kind: "document", uri: entry.uri, outcome: "removed", chunks: 0, bytes: 0 });
}

async function liveObject(run: Run, ref: ObjectRef): Promise<ObjectRef | undefined> {
  return await run.source.head(ref.uri);
}

async function reread(run: Run, uri: string): Promise<ManifestEntry> {
  const [entry] = await run.pipeline.writer.entries([uri]);
  return entry ?? { uri };
}

function errorOf(failure: FailureRow): IsthmusError {
  return new Failure(isErrorCode(failure.code) ? failure.code : "internal", failure.reason);
}

function isFatal(error: IsthmusError): boolean {
  return fatalPrefixes.some((prefix) => error.code.startsWith(prefix));
}
