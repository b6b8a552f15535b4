import { Semaphore } from "../concurrency.ts";
import { type IsthmusError, present, toIsthmusError } from "../errors.ts";
import type { ObjectRef } from "../types.ts";
import { processObject, type Run } from "./process.ts";

/** Objects that are looked up, and worked on, as one page. */
export const refsPerPage = 500;
/**
 * Bytes of documents in flight, as they are outside. The parsers' budget counts files that are read whole, as they are unpacked; a
 * file of records is streamed and takes nothing of it, and 128 of them in flight would hold a record and its chunks each.
 */
const bytesInFlight = 64 * 2 ** 20;

/** What is worked on at once. */
export interface WorkLimits {
  readonly documents: Semaphore;
  readonly bytes: Semaphore;
}

export function createWorkLimits(documents: number): WorkLimits {
  return { documents: new Semaphore(documents), bytes: new Semaphore(bytesInFlight) };
}

/** Documents of a run that are worked on, page after page, without waiting for one page before the next begins. */
export interface Work {
  /** Resolves when the last document of the page has been begun. @throws what ended the run, once nothing is in hand. */
  begin(refs: readonly ObjectRef[]): Promise<void>;
  /** Waits for what is in hand. @throws what ended the run. */
  finish(): Promise<void>;
}

/** Works on several documents at once; after a fatal error no further one is started, and those in hand are awaited. */
export function createWork(run: Run): Work {
  const limits = run.limits ?? createWorkLimits(run.pipeline.concurrency);
  const inHand = new Set<Promise<void>>();
  let fatal: { readonly error: unknown } | undefined;
  const ended = () => fatal !== undefined || run.options.signal?.aborted === true;

  async function finish(): Promise<void> {
    await Promise.all(inHand);
    if (fatal !== undefined) throw fatal.error;
    run.options.signal?.throwIfAborted();
  }

  async function begin(refs: readonly ObjectRef[]): Promise<void> {
    const uris = refs.map((ref) => ref.uri);
    const entries = await run.pipeline.writer.entries(uris, run.options.signal);
    for (const [index, ref] of refs.entries()) {
      const releaseSlot = await limits.documents.acquire();
      const releaseMemory = await limits.bytes.acquire(ref.size);
      if (ended()) {
        releaseSlot();
        releaseMemory();
        return;
      }
      const work = processObject(run, ref, present(entries[index], `the entry of ${ref.uri}`))
        .then(() => run.ended?.(ref.uri))
        .catch((error: unknown) => {
          fatal ??= { error };
        })
        .finally(() => {
          inHand.delete(work);
          releaseSlot();
          releaseMemory();
        });
      inHand.add(work);
    }
  }

  return {
    async begin(refs) {
      await begin(refs).catch((error: unknown) => {
        fatal ??= { error };
      });
      if (ended()) await finish();
    },
    finish,
  };
}

/** One page by itself. */
export async function processAll(run: Run, refs: readonly ObjectRef[]): Promise<void> {
  const work = createWork(run);
  await work.begin(refs);
  await work.finish();
}

/** Told and kept for `status`; what the index has of the place stays. Tried again in every run. */
export async function recordListingFault(run: Run, uri: string, error: IsthmusError): Promise<void> {
  const { fingerprint, writer } = run.pipeline;
  const { code, message: reason } = error;
  const at = new Date().toISOString();
  // What is known of the content stands: a place that cannot be read now says nothing about it.
  const [entry] = await writer.entries([uri], run.options.signal);
  const { version, attempts } = entry?.failure ?? { version: "", attempts: 0 };
  const failure = { uri, version, fingerprint, code, reason, attempts, state: "failed", at } as const;
  await writer.recordFailure(failure, run.options.signal);
  run.emit({ kind: "document", uri, outcome: "failed", chunks: 0, bytes: 0, error });
}

/** The whole source is gone, the platform failed, or the run was stopped: nothing can be said of a single object. */
export function endsRun(run: Pick<Run, "options">, thrown: unknown): boolean {
  const error = toIsthmusError(thrown);
  return run.options.signal?.aborted === true || error.code === "source_not_found" || error.fatal;
}
