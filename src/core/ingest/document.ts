import { peekable } from "../byte-stream.ts";
import type { ChunkingOptions } from "../chunking/chunk.ts";
import { inBatches, mapInOrder } from "../concurrency.ts";
import { IsthmusError, present, toIsthmusError } from "../errors.ts";
import { fileName } from "../file-name.ts";
import { chunkId, sha256 } from "../identity.ts";
import type { Parser, Source } from "../ports.ts";
import {
  type Attempt,
  type Chunk,
  type Commit,
  type Committed,
  isLoss,
  type ObjectRef,
  type Parsed,
  type ParseFault,
  type StoredChunk,
} from "../types.ts";
import type { Pipeline } from "./pipeline.ts";

/** Chunks that are embedded and stored in one step. */
const chunksPerBatch = 32;
/** Steps of one document in flight: one is stored while the next is embedded and a third is parsed. */
const batchesInFlight = 3;
/** Bytes that choose the parser. */
const headBytes = 4096;
/** Faulty records told by name; the rest are counted. */
const faultsKept = 20;

/** Files inside the document that were passed over: told by name; the rest are counted. */
const passedOverKept = 10;
/** Notes of how it was read; an archive of many files may have more, which are dropped: nothing is lost by them. */
const notesKept = 10;

/** What became of one version of one document. */
export type Written =
  | { readonly kind: "committed"; readonly committed: Committed; readonly emptied?: IsthmusError }
  /** A foreign file: nothing was written. */
  | { readonly kind: "skip"; readonly error: IsthmusError };

export interface WriteListener {
  read(bytes: number): void;
  chunks(count: number, embedded: number): void;
  fault(fault: ParseFault): void;
  passedOver(part: ParseFault): void;
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
  readonly notes: ParseFault[];
  passedOverCount: number;
  readonly passedOver: ParseFault[];
  chunks: number;
  /** Another file was found in it, so that more than one parser shapes its text. */
  holdsFiles: boolean;
}

/**
 * Reads, parses, chunks, embeds and stores one version of a document, then commits it. Until the commit nothing of it is
 * visible; when a step throws, the attempt is abandoned and the index is as before.
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
  const counted = { faultCount: 0, faults: [], notes: [], passedOverCount: 0, passedOver: [] };
  const tally: Tally = { title: undefined, records: 0, chunks: 0, holdsFiles: false, ...counted };
  const open = pipeline.writer.begin(attempt, signal);
  let contentType = ref.contentType ?? "application/octet-stream";
  let chosen: Parser | undefined;
  const commitWith = (records: boolean, told: Tally): Commit => {
    const ownFingerprint = chosen && !tally.holdsFiles ? pipeline.fingerprintOf(chosen) : undefined;
    return { ...commitOf(ref, attempt, contentType, records, told), ...(ownFingerprint && { ownFingerprint }) };
  };
  try {
    const selection = pipeline.registry.select(ref, await bytes.peek(headBytes));
    if ("skip" in selection) {
      await open.abandon();
      return { kind: "skip", error: selection.skip };
    }
    const { parser } = selection;
    chosen = parser;
    contentType = selection.contentType;
    const passedOver = (place: string, error: IsthmusError): void => {
      const part: ParseFault = { kind: "fault", id: place, code: "content_skipped", reason: error.message };
      tally.passedOverCount++;
      if (tally.passedOver.length < passedOverKept) tally.passedOver.push(part);
      listener.passedOver(part);
    };
    const holdsFile = (): void => {
      tally.holdsFiles = true;
    };
    const input = { uri: ref.uri, contentType, bytes: bytes.rest(), passedOver, holdsFile };
    const parsed = parser.parse({ ...input, ...(signal && { signal }) });
    const batches = inBatches(drafts(pipeline, attempt, parsed, tally, listener, signal), chunksPerBatch);
    for await (const batch of mapInOrder(batches, batchesInFlight, (drafted) => embed(pipeline, drafted, signal))) {
      signal?.throwIfAborted();
      await open.put(batch.chunks);
      listener.chunks(batch.chunks.length, batch.embedded);
    }
    // The source vouches for the version after the last byte only, and a parser may stop before it.
    await bytes.drain();
    signal?.throwIfAborted();
    const committed = await open.commit(commitWith(parser.records, tally));
    return { kind: "committed", committed };
  } catch (error) {
    // What a run leaves that is stopped, or whose platform fails, keeps its vectors for the next one, and is swept by age.
    if (signal?.aborted !== true && !toIsthmusError(error).fatal) await open.abandon().catch(() => {});
    if (!isVerdict(error)) throw error;
    // It counts only if these were the bytes, and the source vouches for them after the last one.
    await bytes.drain();
    if (error.code !== "content_empty" && error.code !== "content_blank") throw error;
    // An emptied file is a version like any other: what it said before must stop answering.
    signal?.throwIfAborted();
    // A blank file says what it has; one that has something and no text is told, and stays in the index's own words.
    const told = error.code === "content_empty" && ref.size > 0;
    const reason: ParseFault = { kind: "fault", id: "", code: "content_empty", reason: error.message };
    const nothing: Tally = {
      ...tally,
      records: 0,
      chunks: 0,
      faultCount: tally.faultCount + (told ? 1 : 0),
      faults: told ? [reason, ...tally.faults] : tally.faults,
    };
    const emptied = pipeline.writer.begin(attempt, signal);
    const committed = await emptied.commit(commitWith(false, nothing));
    return { kind: "committed", committed, ...(told && { emptied: error }) };
  } finally {
    await bytes.close();
  }
}

/** A parser's judgement on the bytes it was given. */
function isVerdict(error: unknown): error is IsthmusError {
  return error instanceof IsthmusError && /^(content|parse)_/.test(error.code);
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
    if (item.kind === "fault" && !isLoss(item)) {
      if (tally.notes.length < notesKept) tally.notes.push(item);
      continue;
    }
    if (item.kind === "fault") {
      tally.faultCount++;
      if (tally.faults.length < faultsKept) tally.faults.push(item);
      listener.fault(item);
      continue;
    }
    tally.records++;
    tally.title ??= item.title;
    chunking ??= await pipeline.chunking(signal);
    for (const span of pipeline.cut(item, chunking)) {
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
  const hashes = [...new Set(batch.map((draft) => draft.chunk.textHash))];
  const known = await pipeline.writer.vectors(hashes, signal);
  const missing = new Map<string, string>();
  for (const { chunk, embedded } of batch) {
    if (!known.has(chunk.textHash)) missing.set(chunk.textHash, embedded);
  }
  const vectors = await pipeline.scheduler.embed([...missing.values()], signal);
  for (const [index, hash] of [...missing.keys()].entries()) {
    known.set(hash, present(vectors[index], `the vector of text ${index}`));
  }
  const { analyzer } = pipeline;
  const chunks = await Promise.all(
    batch.map(async ({ chunk, embedded }) => ({
      ...chunk,
      vector: present(known.get(chunk.textHash), `the vector of chunk ${chunk.ordinal}`),
      terms: (await (analyzer.documentTerms?.(embedded) ?? analyzer.terms(embedded))).join(" "),
    })),
  );
  return { chunks, embedded: missing.size };
}

function commitOf(ref: ObjectRef, attempt: Attempt, contentType: string, records: boolean, tally: Tally): Commit {
  return {
    ...attempt,
    state: "indexed",
    title: (records ? undefined : tally.title) ?? fileName(ref.uri),
    size: ref.size,
    contentType,
    ...(ref.digest !== undefined && { digest: ref.digest }),
    updatedAt: ref.updatedAt,
    committedAt: new Date().toISOString(),
    chunks: tally.chunks,
    records: tally.records,
    faultCount: tally.faultCount,
    faults: [...tally.faults, ...tally.notes, ...passedOverOf(tally)],
  };
}

/** The files that were passed over, the first by name. */
function passedOverOf({ passedOver, passedOverCount }: Tally): readonly ParseFault[] {
  const more = passedOverCount - passedOver.length;
  if (more === 0) return passedOver;
  const reason = `${more} more files in it are of kinds that are not read, or empty.`;
  return [...passedOver, { kind: "fault", id: "(others)", code: "content_skipped", reason }];
}
