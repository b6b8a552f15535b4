import type { StoreReader } from "../../src/core/ports.ts";
import { hashVector } from "./hash-embedder.ts";

/** More chunks of one document than any test writes. */
const hitsPerDocument = 1000;

export interface Answering {
  readonly uri: string;
  readonly version: string;
  /** As its row in the manifest says. */
  readonly chunks: number;
  /** Of every chunk that a search finds, sorted. */
  readonly contents: readonly string[];
}

/** Every document of an index with the text that answers for it. Two stores with the same documents answer alike. */
export async function whatAnswers(reader: StoreReader): Promise<Answering[]> {
  const answering: Answering[] = [];
  const vector = hashVector("a question", 16);
  for (let after: string | undefined; ; ) {
    const page = await reader.page("", after, 100);
    if (page.length === 0) return answering;
    for (const { uri, current } of page) {
      if (current === undefined) continue;
      const hits = await reader.search({ mode: "vector", vector, limit: hitsPerDocument, filter: { uri } });
      const own = hits.filter((hit) => hit.uri === uri);
      answering.push({
        uri,
        version: current.version,
        chunks: current.chunks,
        contents: own.map(({ content }) => content).sort(),
      });
    }
    after = page.at(-1)?.uri;
  }
}
