import type { StoreReader } from "../../src/core/ports.ts";
import { hashVector } from "./hash-embedder.ts";

/** More chunks of one document than any test writes. */
const hitsPerDocument = 1000;

/**
 * What an index holds, as far as anyone who asks can tell: its documents, and of each the chunks with their scores for one
 * vector and one word. Orders and times are left out: they tell how the index came to be, not what it says.
 */
export async function dumpIndex(reader: StoreReader): Promise<unknown[]> {
  const documents: unknown[] = [];
  const vector = hashVector("a question", 16);
  for (let after: string | undefined; ; ) {
    const page = await reader.page("", after, 100);
    if (page.length === 0) return documents;
    for (const { uri, current, failure } of page) {
      if (current === undefined) continue;
      const query = { limit: hitsPerDocument, filter: { uri } };
      const near = await reader.search({ ...query, mode: "vector", vector });
      const worded = await reader.search({ ...query, mode: "keyword", terms: ["alpha"] });
      documents.push({
        uri,
        version: current.version,
        fingerprint: current.fingerprint,
        title: current.title,
        chunks: current.chunks,
        records: current.records,
        faults: current.faults,
        failed: failure?.code,
        near: near
          .filter((hit) => hit.uri === uri)
          .map(({ chunkId, content, start, end, heading, score }) => [
            chunkId,
            content,
            start,
            end,
            heading,
            score.toFixed(5),
          ])
          .sort(),
        worded: worded
          .filter((hit) => hit.uri === uri)
          .map(({ chunkId }) => chunkId)
          .sort(),
      });
    }
    after = page.at(-1)?.uri;
  }
}
