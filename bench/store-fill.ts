import { Semaphore } from "../src/core/concurrency.ts";
import { chunkId, sha256 } from "../src/core/identity.ts";
import type { Analyzer, StoreWriter } from "../src/core/ports.ts";
import type { Attempt, StoredChunk } from "../src/core/types.ts";
import type { Progress } from "./progress.ts";
import type { StoreData } from "./store-data.ts";
import { leftAtPace } from "./time-left.ts";

const chunksInDocument = 10;

/** The document that holds the chunk at this position. */
export function documentUri(position: number): string {
  return `file:///bench/document-${Math.floor(position / chunksInDocument)}.txt`;
}

/** Documents whose texts are made before the clock runs. */
const documentsAtOnce = 100;

/**
 * Writes documents of ten chunks as ingestion does, with as many in flight as the store wants.
 *
 * @param from the first position; what is before it is there already.
 * @returns seconds from texts and vectors to documents stored: making the texts is not in it; their words for the text search,
 *   their digests and their ids are, for other stores are timed with theirs.
 */
export async function fillStore(
  writer: StoreWriter,
  data: StoreData,
  analyzer: Analyzer,
  progress: Progress,
  from = 0,
): Promise<number> {
  const inFlight = new Semaphore(writer.limits?.documentsInFlight ?? 1);
  const step = documentsAtOnce * chunksInDocument;
  const total = data.vectors.length;
  const started = performance.now();
  let seconds = 0;
  for (let start = from; start < total; start += step) {
    const left = leftAtPace((performance.now() - started) / 1000, start - from, total - from);
    progress.tell(`inserting, ${start} of ${total}${left}`);
    const positions = Array.from({ length: documentsAtOnce }, (_, index) => start + index * chunksInDocument);
    const documents = positions
      .filter((position) => position < total)
      .map((position) => ({ position, contents: contentsAt(position, data) }));
    const begin = performance.now();
    await Promise.all(
      documents.map(async ({ position, contents }) => {
        const release = await inFlight.acquire();
        const { attempt, chunks } = await makeDocument(position, contents, data, analyzer);
        await writeDocument(writer, attempt, chunks).finally(release);
      }),
    );
    seconds += (performance.now() - begin) / 1000;
  }
  return seconds;
}

/** The texts of the document that begins at this position. */
function contentsAt(position: number, data: StoreData): string[] {
  const end = Math.min(position + chunksInDocument, data.vectors.length);
  return Array.from({ length: end - position }, (_, ordinal) => data.text(position + ordinal));
}

async function makeDocument(position: number, contents: readonly string[], data: StoreData, analyzer: Analyzer) {
  const attempt: Attempt = {
    uri: documentUri(position),
    order: { generation: 1, reindex: 0 },
    version: String(position),
    fingerprint: "bench",
  };
  const chunks = await Promise.all(
    data.vectors
      .slice(position, position + chunksInDocument)
      .map((vector, ordinal) => makeChunk(attempt, ordinal, contents[ordinal] ?? "", vector, analyzer)),
  );
  return { attempt, chunks };
}

/** A document in its steps, as the engine takes them. */
async function writeDocument(writer: StoreWriter, attempt: Attempt, chunks: readonly StoredChunk[]): Promise<void> {
  const open = writer.begin(attempt);
  await open.put(chunks);
  const at = new Date(0).toISOString();
  await open.commit({
    ...attempt,
    state: "indexed",
    title: attempt.uri,
    size: chunks.length,
    contentType: "text/plain",
    updatedAt: at,
    committedAt: at,
    chunks: chunks.length,
    records: 1,
    faultCount: 0,
    faults: [],
  });
}

async function makeChunk(
  attempt: Attempt,
  ordinal: number,
  content: string,
  vector: Float32Array,
  analyzer: Analyzer,
): Promise<StoredChunk> {
  return {
    id: chunkId(attempt, ordinal),
    ordinal,
    title: "",
    heading: "",
    content,
    start: 0,
    end: content.length,
    metadata: {},
    textHash: sha256(content),
    vector,
    terms: (await analyzer.terms(content)).join(" "),
  };
}
