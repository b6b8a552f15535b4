import { peekable } from "../byte-stream.ts";
import { type ChunkingOptions, chunkDocument } from "../chunking/chunk.ts";
import { inBatches, mapInOrder } from "../concurrency.ts";
import { IsthmusError } from "../errors.ts";
import { chunkId, sha256 } from "../identity.ts";
import type { Source } from "../ports.ts";
import type { Attempt, Chunk, DocumentRow, ObjectRef, Parsed, ParseFault, StoredChunk } from "../types.ts";
import type { Pipeline } from "./pipeline.ts";

/** Chunks that are embedded and stored in one step. */
const chunksPerBatch = 32;
/** Steps of one document in flight: one is stored while the next is embedded and a third is parsed. */
const batchesInFlight = 3;
/** Bytes that choose the parser. */
const headBytes = 4096;
/** Faulty records told by name; the rest are counted. */
const faultsKept = 20;

/** What became of one version of one document. */
export type Written =
  | { readonly kind: "committed"; readonly row: DocumentRow; readonly embedded: number; readonly bytes: number }
  /** A foreign file: nothing was written. */
  | { readonly kind: "skip"; readonly error: IsthmusError };

export interface WriteListener {
  read(bytes: number): void;
  chunks(count: number, embedded: number): void;
  fault(fault: ParseFault): void;
}

interface Draft {
  readonly chunk: Chunk;
  readonly embedded: string;
}

interface Tally {
  title: string | undefined;
  records: number;
  faultCount: number;
  readonly faults: ParseFault[];
  chunks: number;
  embedded: number;
}

/**
 * Reads, parses, chunks, embeds and stores one version of a document, then commits it and retires what it replaces.
 * Until the commit nothing of it is visible; when a step throws, its chunks are dropped and the index is as before.
 */
export async function writeDocument(
  pipeline: Pipeline,
  source: Source,
  ref: ObjectRef,
  attempt: Attempt,
  listener: WriteListener,
  signal?: AbortSignal,
): Promise<Written> {
  const bytes = peekable(source.read(ref, signal), (count) => listener.read(count));
  const tally: Tally = { title: undefined, records: 0, faultCount: 0, faults: [], chunks: 0, embedded: 0 };
  let started = false;
  let contentType = ref.contentType ?? "application/octet-stream";
  try {
    const selection = pipeline.registry.select(ref, await bytes.peek(headBytes));
    if ("skip" in selection) return { kind: "skip", error: selection.skip };
    const { parser } = selection;
    contentType = selection.contentType;
    const parsed = parser.parse({ uri: ref.uri, contentType, bytes: bytes.rest(), ...(signal && { signal }) });
    const batches = inBatches(drafts(pipeline, attempt, parsed, tally, listener, signal), chunksPerBatch);
    for await (const batch of mapInOrder(batches, batchesInFlight, (drafted) => embed(pipeline, drafted, signal))) {
      signal?.throwIfAborted();
      started = true;
      await pipeline.writer.put(attempt, batch.chunks);
      tally.embedded += batch.embedded;
      listener.chunks(batch.chunks.length, batch.embedded);
    }
    // The source vouches for the version after the last byte only, and a parser may stop before it.
    await bytes.drain();
    const row = rowOf(ref, attempt, contentType, parser.records, tally);
    signal?.throwIfAborted();
    started = false; // From here on the attempt may be committed, and a committed attempt is never discarded.
    await commit(pipeline, row);
    return { kind: "committed", row, embedded: tally.embedded, bytes: ref.size };
  } catch (error) {
    // A run that is stopped leaves its chunks: whoever follows writes the same ones, may be at it already (a pod in place of
    // this one), and would lose what it has written. The next writer sweeps what nobody takes up; so it does after a failure.
    if (started && signal?.aborted !== true) await pipeline.writer.discard(attempt).catch(() => {});
    if (!isVerdict(error)) throw error;
    // It counts only if these were the bytes, and the source vouches for them after the last one.
    await bytes.drain();
    if (error.code !== "content_empty") throw error;
    // An emptied file is a version like any other: what it said before must stop answering.
    signal?.throwIfAborted();
    const row = rowOf(ref, attempt, contentType, false, { ...tally, records: 0, chunks: 0 });
    await commit(pipeline, row);
    return { kind: "committed", row, embedded: 0, bytes: ref.size };
  } finally {
    await bytes.close();
  }
}

/** A parser's judgement on the bytes it was given. */
function isVerdict(error: unknown): error is IsthmusError {
  return error instanceof IsthmusError && /^(content|parse)_/.test(error.code);
}

/** Commits, then looks again: a writer that was overtaken meanwhile takes its own chunks back (promise 2). */
export async function commit(pipeline: Pick<Pipeline, "writer">, row: DocumentRow): Promise<void> {
  await pipeline.writer.commit(row);
  const [entry] = await pipeline.writer.entries([row.uri]);
  await pipeline.writer.retire(entry?.current ?? row);
}

async function* drafts(
  pipeline: Pipeline,
  attempt: Attempt,
  parsed: AsyncIterable<Parsed>,
  tally: Tally,
  listener: WriteListener,
  signal: AbortSignal | undefined,
): AsyncGenerator<Draft> {
  let ordinal = 0;
  let chunking: ChunkingOptions | undefined;
  for await (const item of parsed) {
    if (item.kind === "fault") {
      tally.faultCount++;
      if (tally.faults.length < faultsKept) tally.faults.push(item);
      listener.fault(item);
      continue;
    }
    tally.records++;
    tally.title ??= item.title;
    chunking ??= await pipeline.chunking(signal);
    for (const span of chunkDocument(item, chunking)) {
      const { embedded, ...position } = span;
      const chunk: Chunk = {
        ...position,
        id: chunkId(attempt, ordinal),
        ordinal,
        ...(item.id !== undefined && { recordId: item.id }),
        title: item.title,
        metadata: item.metadata,
        textHash: sha256(embedded),
      };
      ordinal++;
      yield { chunk, embedded };
    }
  }
  tally.chunks = ordinal;
}

/** Gives each chunk its vector: from the index where the same text has one already (promise 5), else from the model. */
async function embed(
  pipeline: Pipeline,
  batch: readonly Draft[],
  signal: AbortSignal | undefined,
): Promise<{ chunks: StoredChunk[]; embedded: number }> {
  const known = await pipeline.writer.vectors([...new Set(batch.map((draft) => draft.chunk.textHash))]);
  const missing = new Map<string, string>();
  for (const { chunk, embedded } of batch) {
    if (!known.has(chunk.textHash)) missing.set(chunk.textHash, embedded);
  }
  const vectors = await pipeline.scheduler.embed([...missing.values()], signal);
  for (const [index, hash] of [...missing.keys()].entries()) known.set(hash, vectors[index] ?? new Float32Array());
  const chunks = batch.map(({ chunk, embedded }) => ({
    ...chunk,
    vector: known.get(chunk.textHash) ?? new Float32Array(),
    terms: pipeline.analyzer.terms(embedded).join(" "),
  }));
  return { chunks, embedded: missing.size };
}

function rowOf(ref: ObjectRef, attempt: Attempt, contentType: string, records: boolean, tally: Tally): DocumentRow {
  return {
    ...attempt,
    state: "indexed",
    title: (records ? undefined : tally.title) ?? fileName(ref.uri),
    size: ref.size,
    contentType,
    updatedAt: ref.updatedAt,
    committedAt: new Date().toISOString(),
    chunks: tally.chunks,
    records: tally.records,
    faultCount: tally.faultCount,
    faults: tally.faults,
  };
}

/** The last part of a URI's path: decoded for a file, as it is for an object, whose name is in its URI verbatim. */
export function fileName(uri: string): string {
  const last = uri.slice(uri.lastIndexOf("/") + 1);
  if (!uri.startsWith("file:")) return last;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
