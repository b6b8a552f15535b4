import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { IngestEngine } from "../compose/ingest-engine.ts";
import { openSource } from "../compose/source.ts";
import { NoRoom, openUploads, safeName } from "../compose/uploads.ts";
import type { Settings } from "../config/settings.ts";
import { IsthmusError, toIsthmusError } from "../core/errors.ts";
import type { IngestEvent } from "../core/ingest-types.ts";
import type { Source } from "../core/ports.ts";
import { type Editing, isReadOnly, Refusal, readOnlySentence } from "../http/live/editing.ts";
import type { Activity, Work } from "./activity.ts";

/** Documents that may wait to be read. */
const mostWaiting = 1_000;
/** Files that arrive at once. */
const mostArriving = 4;
/** A table may be larger than what is one document, and is read record by record. */
const leastMaxBytes = 256 * 2 ** 20;
/** While another program writes, or the platform is away, it is asked again after so long. */
const pauseMs = 2_000;

type Engine = Pick<IngestEngine, "refresh" | "remove" | "close">;

export interface EditingParts {
  readonly settings: Settings;
  readonly activity: Activity;
  /** Opens the write half: one at a time, and closed as soon as there is nothing to do, so that other commands may write. */
  open(): Promise<Engine>;
  /** Told of what fails with nobody waiting for it. */
  tellError(thrown: unknown): void;
}

export interface RunningEditing extends Editing {
  /**
   * Hears what a scan beside it tells. A scan that had read a file before it was deleted here writes it after the tombstone, since the
   * file was newer than what the index had: it is looked for once more, and goes.
   */
  heard(event: IngestEvent): void;
  /** Closes the write half of somebody else, which `open` gave so far, when it is not in use; until then nothing else is opened. */
  handOver(close: () => Promise<void>): Promise<void>;
  /** Begins nothing more; what is in hand is given up, and found by the next scan. */
  close(): Promise<void>;
}

/** What no waiting mends: the index may not be written by us, or cannot be as it is. */
const denials: ReadonlySet<string> = new Set([
  "store_denied",
  "store_mismatch",
  "store_newer",
  "store_corrupt",
  "store_failed",
  "model_missing",
  "model_damaged",
  "model_unsupported",
  "embedder_misconfigured",
  "embedder_mismatch",
  "config_invalid",
]);

function isDenied({ code }: IsthmusError): boolean {
  return denials.has(code);
}

/** In words for the page; the error's own may name addresses that only the operator should see. */
function deniedOf(error: IsthmusError): IsthmusError {
  const sentence = isReadOnly(error)
    ? readOnlySentence
    : `The index cannot be written (${error.code}). The server's log says why; \`isthmus doctor\` checks the setup. Then have this read again.`;
  return new IsthmusError(error.code, sentence);
}

function noRoom({ of }: NoRoom, { maxUploadsBytes }: Settings): Refusal {
  const sentence =
    of === "disk"
      ? "The server's disk is full. Nothing was kept: make room on it, then send the file again."
      : `Files that were added here may have ${maxUploadsBytes.toLocaleString("en")} bytes together (ISTHMUS_MAX_UPLOADS_BYTES), and this one is over that. Nothing was kept: delete some that were added here, or put it into a folder, and index that.`;
  return new Refusal({ code: "storage_full", sentence });
}

/** Changes to the index that people ask for over HTTP. */
export function createEditing({ settings, activity, open, tellError }: EditingParts): RunningEditing {
  const uploads = openUploads(settings);
  const stopping = new AbortController();
  const { signal: stopped } = stopping;
  const waiting = new Set<string>();
  let arriving = 0;
  let reading: Promise<void> | undefined;
  /** The document that is just being read; a deletion ends that, for what was read before it would be written after it. */
  let inHand: { readonly uri: string; readonly giveUp: AbortController; readonly ended: Promise<void> } | undefined;
  /** Files that were deleted here, and did not come again. */
  const dropped = new Set<string>();
  /** Deletions under way: their documents are not read meanwhile. */
  const removing = new Map<string, Promise<void>>();
  let grow: (documents: number) => void = () => {};
  let held: { readonly engine: Promise<Engine>; users: number; readonly free: PromiseWithResolvers<void> } | undefined;
  let closing: Promise<unknown> = Promise.resolve();

  async function withEngine<Result>(use: (engine: Engine) => Promise<Result>): Promise<Result> {
    stopped.throwIfAborted();
    held ??= { engine: closing.then(open), users: 0, free: Promise.withResolvers() };
    const mine = held;
    mine.users++;
    try {
      return await use(await mine.engine);
    } finally {
      if (--mine.users === 0) {
        held = undefined;
        closing = mine.engine.then((engine) => engine.close()).catch(() => {});
        await closing;
        mine.free.resolve();
      }
    }
  }

  /** Reads what waits, until nothing does. */
  async function readAll(): Promise<void> {
    let done = 0;
    let told = "";
    const work = activity.begin("request", waiting.size);
    grow = (documents) => work.grow(done + documents);
    while (waiting.size > 0 && !stopped.aborted) {
      try {
        await withEngine(async (engine) => {
          for (const uri of waiting) {
            if (stopped.aborted) return;
            // First, so that what is asked for again while it is read is read again.
            waiting.delete(uri);
            done++;
            try {
              await readOne(engine, uri, work);
            } catch (thrown) {
              if (!waiting.has(uri)) done--;
              waiting.add(uri);
              throw thrown;
            }
          }
        });
      } catch (thrown) {
        const error = toIsthmusError(thrown);
        if (isDenied(error)) {
          if (!stopped.aborted) tellError(thrown);
          // It would be refused for ever: each is told of, and asked for again by hand once that is mended.
          for (const uri of waiting) {
            work.onEvent({ kind: "document", uri, outcome: "failed", chunks: 0, bytes: 0, error: deniedOf(error) });
            done++;
          }
          waiting.clear();
          break;
        }
        const { message } = error;
        // Another program writes, or the platform is away. Asked again and again, it is told once.
        if (told !== message && !stopped.aborted) tellError(thrown);
        told = message;
        await sleep(pauseMs, undefined, { signal: stopped }).catch(() => {});
      }
    }
    work.end();
    reading = undefined;
  }

  /** @throws what ends a run, and nothing of the document itself. */
  async function readOne(engine: Engine, uri: string, { onEvent }: Work): Promise<void> {
    await removing.get(uri);
    const giveUp = new AbortController();
    const ended = Promise.withResolvers<void>();
    inHand = { uri, giveUp, ended: ended.promise };
    let source: Source | undefined;
    try {
      source = await sourceOf(uri);
      const signal = AbortSignal.any([stopped, giveUp.signal]);
      await engine.refresh(source, [{ uri }], { retryFailed: true, signal, onEvent });
    } catch (thrown) {
      const error = toIsthmusError(thrown);
      if (giveUp.signal.aborted && !stopped.aborted) return;
      if (error.fatal || stopped.aborted) throw error;
      onEvent({ kind: "document", uri, outcome: "failed", chunks: 0, bytes: 0, error });
    } finally {
      await source?.close();
      inHand = undefined;
      ended.resolve();
    }
  }

  /** Does something with a document that is neither read meanwhile nor later for what was asked before. */
  async function alone<Result>(uri: string, act: () => Promise<Result>): Promise<Result> {
    const over = Promise.withResolvers<void>();
    removing.set(uri, over.promise);
    try {
      waiting.delete(uri);
      if (inHand?.uri === uri) {
        inHand.giveUp.abort(new IsthmusError("cancelled", "The document is being deleted."));
        await inHand.ended;
      }
      return await act();
    } finally {
      if (removing.get(uri) === over.promise) removing.delete(uri);
      over.resolve();
    }
  }

  async function sourceOf(uri: string): Promise<Source> {
    if (uploads.has(uri)) return await openSource(uploads.folder, settings);
    try {
      return await openSource(uri, settings);
    } catch (thrown) {
      if (!(thrown instanceof IsthmusError && thrown.code === "source_not_found")) throw thrown;
      // Its folder can tell that it is gone; where that is gone too, nothing can be said.
      return await openSource(dirname(fileURLToPath(uri)), settings);
    }
  }

  function enqueue(uri: string): void {
    waiting.add(uri);
    grow(waiting.size);
    reading ??= readAll();
  }

  function refuseIfFull(): void {
    if (waiting.size < mostWaiting) return;
    const sentence = `${mostWaiting} documents wait to be read. Ask again when some are through.`;
    throw new Refusal({ code: "too_many_requests", sentence, retryAfterSeconds: 10 });
  }

  return {
    maxBytes: Math.max(settings.maxFileBytes, leastMaxBytes),
    async add({ name, replace, bytes }) {
      stopped.throwIfAborted();
      refuseIfFull();
      const kept = safeName(name);
      if (kept === undefined) {
        const sentence = "No file can be called so. Give it another name.";
        throw new Refusal({ code: "query_invalid", sentence, field: "name" });
      }
      if (arriving >= mostArriving) {
        const sentence = "Other files are just arriving. Send this one in a moment.";
        throw new Refusal({ code: "too_many_requests", sentence, retryAfterSeconds: 1 });
      }
      arriving++;
      try {
        const uri = await uploads.keep(kept, bytes, { replace }).catch((thrown: unknown) => {
          throw thrown instanceof NoRoom ? noRoom(thrown, settings) : thrown;
        });
        if (uri === undefined) {
          const sentence = "A file of this name was added before. Send it with replace=true to put it in its place.";
          throw new Refusal({ code: "document_exists", sentence, field: "name" });
        }
        dropped.delete(uri);
        enqueue(uri);
        return { uri };
      } finally {
        arriving--;
      }
    },
    async retry(uri) {
      stopped.throwIfAborted();
      refuseIfFull();
      enqueue(uri);
      return { uri };
    },
    async remove(uri) {
      return await withEngine(async (engine) => {
        const work = activity.begin("request", 1);
        try {
          const own = uploads.has(uri);
          await alone(uri, async () => {
            // The file first: should this be all that happens, the next scan does the rest.
            if (own) {
              dropped.add(uri);
              await uploads.drop(uri);
            }
            await engine.remove(uri, { allowMassDelete: true, onEvent: work.onEvent });
          });
          return { uri, file: own ? ("removed" as const) : ("kept" as const) };
        } finally {
          work.end();
        }
      });
    },
    heard(event) {
      if (event.kind !== "document" || !dropped.has(event.uri)) return;
      if (event.outcome === "added" || event.outcome === "changed") enqueue(event.uri);
    },
    adding: (uri) => uploads.has(uri) && (waiting.has(uri) || inHand?.uri === uri),
    async handOver(close) {
      while (held !== undefined) await held.free.promise;
      closing = close();
      await closing;
    },
    async close() {
      stopping.abort(new IsthmusError("cancelled", "The server is stopping."));
      await reading;
      while (held !== undefined) await held.free.promise;
      await closing.catch(() => {});
    },
  };
}
