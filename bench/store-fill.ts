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

/** Writes documents of ten chunks as ingestion does. @returns seconds spent in the store alone. */
export async function fillStore(
  writer: StoreWriter,
  data: StoreData,
  analyzer: Analyzer,
  progress: Progress,
): Promise<number> {
  let seconds = 0;
  for (let start = 0; start < data.vectors.length; start += chunksInDocument) {
    if (start % 10_000 === 0) progress.tell(`inserting, ${start} of ${data.vectors.length}`);
    const attempt: Attempt = {
      uri: documentUri(start),
      order: { generation: 1, reindex: 0 },
      version: String(start),
      fingerprint: "bench",
    };
    const chunks = data.vectors
      .slice(start, start + chunksInDocument)
      .map((vector, ordinal) => makeChunk(attempt, ordinal, data.text(start + ordinal), vector, analyzer));
    const begin = performance.now();
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
    seconds += (performance.now() - begin) / 1000;
  }
  return seconds;
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
