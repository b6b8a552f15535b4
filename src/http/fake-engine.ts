import type { StoreReader } from "../core/ports.ts";
import type { QueryRequest, QueryResult } from "../core/retrieve-types.ts";
import type { DocumentPassage, ManifestEntry } from "../core/types.ts";
import type { SearchEngine } from "./engine.ts";

/** An engine for the tests of the API: one passage for every query, unless told otherwise. */
export interface FakeBehaviour {
  readonly search?: (request: QueryRequest, signal: AbortSignal) => Promise<QueryResult>;
  readonly entries?: readonly ManifestEntry[];
  readonly passages?: readonly DocumentPassage[];
  readonly check?: () => Promise<void>;
}

export const fakeResult: QueryResult = {
  results: [
    {
      content: "Two keys are valid during a rotation.",
      source: {
        uri: "file:///handbook/security.md",
        title: "Security",
        heading: "Keys > Rotation",
        start: 10,
        end: 47,
        version: "v1",
        ordinal: 4,
        metadata: { team: "platform", year: 2026, draft: false },
      },
      score: 0.75,
    },
  ],
  tookMs: 1.23456,
  embedMs: 1,
  searchMs: 0.2,
};

/** The requests it was asked are kept in `asked`. */
export function createFakeEngine(behaviour: FakeBehaviour = {}): SearchEngine & { readonly asked: QueryRequest[] } {
  const asked: QueryRequest[] = [];
  const { search = async () => fakeResult, entries = [], passages = [], check = async () => {} } = behaviour;
  const reader: StoreReader = {
    entries: async (uris) => uris.map((uri) => entries.find((entry) => entry.uri === uri) ?? { uri }),
    page: async (prefix, after, limit) =>
      entries.filter(({ uri }) => uri.startsWith(prefix) && (after === undefined || uri > after)).slice(0, limit),
    count: async () => ({ documents: entries.length, chunks: 0, failed: 0, skipped: 0 }),
    search: async () => [],
    termWeights: async () => [],
    passages: async (uri, from, limit) => {
      const row = entries.find((entry) => entry.uri === uri)?.current;
      return row && { row, passages: passages.slice(from, from + limit) };
    },
    check,
    verified: async () => undefined,
    async *held() {},
    close: async () => {},
  };
  return {
    asked,
    identity: { model: "sentence-transformers/all-MiniLM-L6-v2", dimensions: 384, revision: "sha256:0" },
    reader,
    retriever: {
      async query(request, signal = new AbortController().signal) {
        asked.push(request);
        return search(request, signal);
      },
    },
  };
}
