import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { explain } from "./explain.ts";
import type { Analyzer, StoreReader } from "./ports.ts";
import { questionTerms } from "./question-terms.ts";
import type { Explanation } from "./retrieve-types.ts";
import type { DocumentRow, FailureRow, Hit, ManifestEntry, SearchQuery } from "./types.ts";

const analyzer: Analyzer = {
  name: "words",
  version: 1,
  // "the" is passed over, and "x-y" is looked for by its two parts together besides.
  terms: async (text) => [
    ...(text.toLowerCase().match(/\w+/g) ?? []).filter((word) => word !== "the"),
    ...(text.includes("x-y") ? ["x+y"] : []),
  ],
};

const hitOf = (uri: string, ordinal: number, score: number, content = "keys rotate"): Hit => ({
  chunkId: `${uri} ${ordinal}`,
  uri,
  version: "v1",
  ordinal,
  title: "T",
  heading: "H",
  content,
  start: 0,
  end: content.length,
  metadata: {},
  score,
  rankings: { keyword: { rank: ordinal + 1, score } },
});

const row = (uri: string, rest: Partial<DocumentRow> = {}): DocumentRow => ({
  attempt: "1",
  uri,
  order: { generation: 1, reindex: 0 },
  version: "v1",
  fingerprint: "f",
  state: "indexed",
  title: "T",
  size: 1,
  contentType: "text/plain",
  updatedAt: "2026-01-01T00:00:00Z",
  committedAt: "2026-01-02T00:00:00Z",
  chunks: 3,
  records: 1,
  faultCount: 0,
  faults: [],
  ...rest,
});

const failure = (state: FailureRow["state"]): FailureRow => ({
  uri: "file:///f",
  version: "v1",
  fingerprint: "f",
  code: "parse_failed",
  reason: "The file ends too early.",
  attempts: 2,
  state,
  at: "2026-01-03T00:00:00Z",
});

interface World {
  readonly entries?: readonly ManifestEntry[];
  readonly hits?: readonly Hit[];
  /** Of hits that the metadata of a filter lets through. */
  readonly passes?: (hit: Hit) => boolean;
  readonly why?: string;
  readonly search?: Partial<SearchQuery>;
  readonly query?: string;
}

async function explained({ entries = [], hits = [], passes = () => true, why, search, query = "keys" }: World) {
  const asked: SearchQuery[] = [];
  const reader = {
    entries: async (uris) => uris.map((uri) => entries.find((entry) => entry.uri === uri) ?? { uri }),
    async search(wanted) {
      asked.push(wanted);
      const { uri = "", metadata } = wanted.filter ?? {};
      return hits
        .filter((hit) => hit.uri.startsWith(uri) && (metadata === undefined || passes(hit)))
        .slice(0, wanted.limit);
    },
    termWeights: async (terms, of) =>
      of.map(({ chunkId }) => terms.map((term, at) => (chunkId.endsWith("0") ? 2 + at : term === "rotate" ? 1 : 0))),
  } as Partial<StoreReader> as StoreReader;
  const searched: SearchQuery = { mode: "keyword", limit: 2, terms: await questionTerms(query, analyzer), ...search };
  const explanation = await explain(
    {
      request: { query, ...(why !== undefined && { why }) },
      search: searched,
      hits: hits.slice(0, searched.limit),
      turnedAway: [],
    },
    { analyzer, reader },
  );
  return { explanation, asked };
}

test("each hit's words are told with their weights, heaviest first, and every word with what it is looked for by", async () => {
  const { explanation } = await explained({
    query: "Rotate the keys x-y Rotate",
    hits: [hitOf("file:///a", 0, 5), hitOf("file:///a", 1, 1), hitOf("file:///a", 2, 0.5)],
  });
  assert.deepEqual(explanation.words, [
    { word: "Rotate", terms: ["rotate"] },
    { word: "the", terms: [] },
    { word: "keys", terms: ["keys"] },
    { word: "x", terms: ["x"] },
    { word: "y", terms: ["y"] },
    { word: "x+y", terms: ["x+y"] },
  ]);
  assert.deepEqual(
    explanation.hits.map(({ words }) => words),
    [
      [
        { word: "Rotate", weight: 3 },
        { word: "keys", weight: 2 },
      ],
      [{ word: "Rotate", weight: 1 }],
    ],
  );
  assert.equal(explanation.fusion, undefined);
  const { explanation: vector } = await explained({ search: { mode: "vector", terms: undefined as never } });
  assert.equal(vector.words, undefined);
  const { explanation: hybrid } = await explained({ search: { mode: "hybrid", unfamiliar: 1 } });
  assert.deepEqual(hybrid.fusion, { vector: 0.75, keyword: 0.25 + 1.4, unfamiliar: 1 });
});

describe("why a document is not among the results", () => {
  const uri = "file:///d.md";
  const known = [{ uri, current: row(uri) }];
  const others = (count: number) => Array.from({ length: count }, (_, at) => hitOf("file:///o", at, 10 - at / 1e4));
  const verdictOf = async (world: World): Promise<Explanation["document"]> =>
    (await explained({ why: uri, ...world })).explanation.document;

  test("it is", async () => {
    const found = await verdictOf({ entries: known, hits: [hitOf("file:///o", 0, 3), hitOf(uri, 1, 2)] });
    assert.equal(found?.verdict, "found");
    assert.deepEqual([found?.best?.rank, found?.best?.ordinal, found?.best?.score], [2, 1, 2]);
  });
  test("others match better", async () => {
    const found = await verdictOf({ entries: known, hits: [...others(6), hitOf(uri, 7, 1)] });
    assert.deepEqual([found?.verdict, found?.best?.rank], ["outranked", 7]);
    assert.match(found?.reason ?? "", /number 7 of all, with a score of 1\.00; the last one shown has 10\.0/);
  });
  test("a thousand others match better", async () => {
    const found = await verdictOf({ entries: known, hits: [...others(1000), hitOf(uri, 7, 1)] });
    assert.deepEqual([found?.verdict, found?.best?.rank, found?.best?.score], ["far", undefined, 1]);
  });
  test("none of the words is in it", async () => {
    assert.equal((await verdictOf({ entries: known, hits: others(3) }))?.verdict, "no_word");
  });
  test("a document whose URI goes on is another", async () => {
    assert.equal((await verdictOf({ entries: known, hits: [hitOf(`${uri}.bak`, 0, 3)] }))?.verdict, "no_word");
  });
  test("the filter leaves it out, by its URI or by its metadata", async () => {
    const hits = [...others(3), hitOf(uri, 7, 1)];
    const byUri = await verdictOf({ entries: known, hits, search: { filter: { uri: "file:///x" } } });
    assert.equal(byUri?.verdict, "filtered");
    const filter = { metadata: { team: "a" } };
    const byMetadata = await verdictOf({
      entries: known,
      hits,
      passes: (hit) => hit.uri !== uri,
      search: { filter },
    });
    assert.equal(byMetadata?.verdict, "filtered");
  });
  for (const [verdict, entry, words] of [
    ["unknown", { uri }, /does not know it/],
    ["deleted", { uri, current: row(uri, { state: "deleted" }) }, /removed from the index on 2026-01-02/],
    ["failed", { uri, failure: failure("failed") }, /after 2 attempts: The file ends too early/],
    ["skipped", { uri, failure: failure("skipped") }, /passed over/],
    ["empty", { uri, current: row(uri, { chunks: 0 }) }, /no text/],
  ] as const) {
    test(verdict, async () => {
      const found = await verdictOf({ entries: [entry] });
      assert.equal(found?.verdict, verdict);
      assert.match(found?.reason ?? "", words);
    });
  }
  test("a record is asked about by the URI that it is cited by", async () => {
    const file = "file:///r.csv";
    const entries = [{ uri: file, current: row(file) }];
    const hits = [hitOf(file, 0, 3), { ...hitOf(file, 1, 2), recordId: "a b" }];
    const found = await verdictOf({ entries, hits, why: `${file}#a%20b` });
    assert.deepEqual([found?.verdict, found?.best?.rank], ["found", 2]);
    assert.equal((await verdictOf({ entries, hits, why: `${file}#z` }))?.verdict, "no_word");
    assert.equal((await verdictOf({ entries, hits, why: `${file}#%` }))?.verdict, "no_word");
  });
  test("also that of a row in an archive, as it is printed and as it is encoded", async () => {
    const file = "file:///a%231.zip";
    const entries = [{ uri: file, current: row(file) }];
    const hits = [hitOf(file, 0, 3), { ...hitOf(file, 1, 2), recordId: "data/list.csv#2" }];
    for (const record of ["data/list.csv#2", "data%2Flist.csv%232"]) {
      const found = await verdictOf({ entries, hits, why: `${file}#${record}` });
      assert.deepEqual([found?.verdict, found?.best?.rank], ["found", 2], record);
    }
  });
});
