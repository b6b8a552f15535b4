import { Semaphore } from "../src/core/concurrency.ts";
import { chunkId, sha256 } from "../src/core/identity.ts";
import type { Analyzer, StoreWriter } from "../src/core/ports.ts";
import type { Attempt, StoredChunk } from "../src/core/types.ts";
import type { Progress } from "./progress.ts";
import type { StoreData } from "./store-data.ts";

const chunksInDocument = 10;

/** The document that holds the chunk at this position. */
export function documentUri(position: number): string {
  return `file:///bench/document-${Math.floor(position / chunksInDocument)}.txt`;
}

/** Documents made before the clock runs. */
const documentsAtOnce = 100;

/**
 * Writes documents of ten chunks as ingestion does, with as many in flight as the store wants.
 *
 * @param from the first position; what is before it is there already.
 * @returns seconds spent in the store alone.
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
  let seconds = 0;
  for (let start = from; start < data.vectors.length; start += step) {
    if (start % 10_000 === 0) progress.tell(`inserting, ${start} of ${data.vectors.length}`);
    const positions = Array.from({ length: documentsAtOnce }, (_, index) => start + index * chunksInDocument);
    const documents = positions
      .filter((position) => position < data.vectors.length)
      .map((position) => makeDocument(position, data, analyzer));
    const begin = performance.now();
    await Promise.all(
      documents.map(async ({ attempt, chunks }) => {
        const release = await inFlight.acquire();
        await writeDocument(writer, attempt, chunks).finally(release);
      }),
    );
    seconds += (performance.now() - begin) / 1000;
  }
  return seconds;
}

function makeDocument(position: number, data: StoreData, analyzer: Analyzer) {
  const attempt: Attempt = {
    uri: documentUri(position),
    order: { generation: 1, reindex: 0 },
    version: String(position),
    fingerprint: "bench",
  };
  const chunks = data.vectors
    .slice(position, position + chunksInDocument)
    .map((vector, ordinal) => makeChunk(attempt, ordinal, data.text(position + ordinal), vector, analyzer));
  return { attempt, chunks };
}

/** A document in its steps, as the engine takes them. */
async function writeDocument(writer: StoreWriter, attempt: Attempt, chunks: readonly StoredChunk[]): Promise<void> {
  await writer.put(attempt, chunks);
  const at = new Date(0).toISOString();
  await writer.commit({
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
  await writer.entries([attempt.uri]);
  await writer.retire(attempt);
}

function makeChunk(
  attempt: Attempt,
  ordinal: number,
  content: string,
  vector: Float32Array,
  analyzer: Analyzer,
): StoredChunk {
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
    terms: analyzer.terms(content).join(" "),
  };
}
