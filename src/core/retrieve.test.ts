import assert from "node:assert/strict";
import { test } from "node:test";
import { IsthmusError } from "./errors.ts";
import type { Analyzer, Embedder, StoreReader, TextPrefixes } from "./ports.ts";
import { createRetriever } from "./retrieve.ts";
import type { Hit, SearchQuery } from "./types.ts";

const vector = Float32Array.of(1, 0);
const hit: Hit = {
  chunkId: "c",
  uri: "file:///a.jsonl",
  version: "v1",
  ordinal: 2,
  title: "Title",
  heading: "Heading",
  content: "content",
  start: 3,
  end: 10,
  metadata: { year: 2026 },
  score: 0.5,
  rankings: { vector: { rank: 1, score: 0.5 } },
};

interface Behaviour {
  readonly hits?: readonly Hit[];
  readonly failures?: IsthmusError[];
  readonly slow?: Partial<Record<"embedding" | "searching", (signal: AbortSignal | undefined) => Promise<never>>>;
  readonly loaded?: Promise<void>;
  readonly deadlineMs?: number;
  readonly prefixes?: TextPrefixes;
}

/** A retriever over parts that note what they are asked. */
function setUp({ hits = [hit], failures = [], slow = {}, loaded, deadlineMs, prefixes }: Behaviour = {}) {
  const embedded: { texts: readonly string[]; signal: AbortSignal | undefined }[] = [];
  const analysed: string[] = [];
  const searches: { query: SearchQuery; signal: AbortSignal | undefined }[] = [];
  const unused = async () => assert.fail("not asked for by a query");
  const embedder: Embedder = {
    identity: { model: "m", dimensions: 2, revision: "1" },
    limits: { maxTokens: 256, maxBatch: 8, maxConcurrency: 1 },
    ...(prefixes && { prefixes }),
    async load() {
      await loaded;
      return () => 1;
    },
    unfamiliar: async (words) => words.filter((word) => /\d/.test(word)).length / words.length,
    async embed(texts, signal) {
      embedded.push({ texts, signal });
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      await slow.embedding?.(signal);
      return texts.map(() => vector);
    },
    close: unused,
  };
  const analyzer: Analyzer = {
    name: "words",
    version: 1,
    async terms(text) {
      analysed.push(text);
      return text.split(" ");
    },
  };
  const reader: StoreReader = {
    async search(query, signal) {
      searches.push({ query, signal });
      await slow.searching?.(signal);
      return [...hits];
    },
    verified: async () => undefined,
    async *held() {},
    termWeights: unused,
    passages: unused,
    check: unused,
    entries: unused,
    page: unused,
    count: unused,
    close: unused,
  };
  const retriever = createRetriever({ embedder, analyzer, reader, ...(deadlineMs !== undefined && { deadlineMs }) });
  return { retriever, embedded, analysed, searches };
}

test("a question is embedded as the model was trained to see one, and its words are looked for as they are", async () => {
  const { retriever, embedded, analysed } = setUp({ prefixes: { question: "query: ", passage: "passage: " } });
  await retriever.query({ query: "what is it" });
  assert.deepEqual(
    embedded.map(({ texts }) => texts),
    [["query: what is it"]],
  );
  assert.ok(!analysed.some((text) => text.includes("query:")));
});

test("the mode decides what is embedded and what is analysed", async () => {
  const query = "two words";
  const terms = ["two", "words"];
  const unfamiliar = 0;
  for (const [mode, asked, vectors, analyses] of [
    ["hybrid", { mode: "hybrid", limit: 3, vector, terms, unfamiliar }, 1, 1],
    [undefined, { mode: "hybrid", limit: 3, vector, terms, unfamiliar }, 1, 1],
    ["vector", { mode: "vector", limit: 3, vector }, 1, 0],
    ["keyword", { mode: "keyword", limit: 3, terms }, 0, 1],
  ] as const) {
    const { retriever, embedded, analysed, searches } = setUp();
    await retriever.query({ query, ...(mode && { mode }) });
    assert.deepEqual(
      searches.map((search) => search.query),
      [asked],
    );
    assert.equal(embedded.length, vectors);
    assert.equal(analysed.filter((text) => text === query).length, analyses);
    for (const { texts } of embedded) assert.deepEqual(texts, [query]);
  }
});

test("hybrid search is told how much of the question the model does not know, stop words left out", async () => {
  const { retriever, searches } = setUp();
  await retriever.query({ query: "word QX-4471?" });
  assert.equal(searches[0]?.query.unfamiliar, 1 / 3);
});

test("k is a whole number from 1 to 50", async () => {
  for (const k of [1, 2, 50]) {
    const { retriever, searches } = setUp();
    await retriever.query({ query: "q", k });
    assert.equal(searches[0]?.query.limit, k);
  }
  for (const k of [0, -1, 51, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    const { retriever, searches, embedded } = setUp();
    await assert.rejects(retriever.query({ query: "q", k }), { code: "query_invalid", field: "k" });
    assert.deepEqual([searches.length, embedded.length], [0, 0], "nothing is asked for a bad question");
  }
});

test("a query has 1 to 2,000 characters, not all of them white space", async () => {
  for (const query of ["?", "x".repeat(2000)]) {
    const { retriever, searches } = setUp();
    await retriever.query({ query });
    assert.equal(searches.length, 1);
  }
  for (const query of ["", " \n\t", "x".repeat(2001), "x".repeat(1_000_000)]) {
    const { retriever, searches, embedded, analysed } = setUp();
    const refused = { code: "query_invalid", field: "query" };
    await assert.rejects(retriever.query({ query }), (error: IsthmusError) => {
      assert.deepEqual({ code: error.code, field: error.field }, refused);
      assert.ok(error.message.length < 200, "the message does not repeat the query");
      return true;
    });
    assert.deepEqual([searches.length, embedded.length, analysed.length], [0, 0, 0]);
  }
});

test("the filter is passed on", async () => {
  const { retriever, searches } = setUp();
  const filter = { uri: "file:///docs/", metadata: { lang: ["en", "de"] }, range: { year: { from: 2000 } } };
  await retriever.query({ query: "q", filter });
  assert.deepEqual(searches[0]?.query.filter, filter);
});

test("an aborted query asks nothing of the store", async () => {
  const { retriever, embedded, searches } = setUp();
  await assert.rejects(retriever.query({ query: "q" }, AbortSignal.abort()), { name: "AbortError" });
  assert.deepEqual([embedded.length, searches.length], [0, 0]);
});

const waiting = (signal: AbortSignal | undefined) =>
  new Promise<never>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));

test("a query ends at its deadline wherever it is, and what it waits for is told", async () => {
  for (const at of ["embedding", "searching"] as const) {
    // On a busy machine a short deadline may pass before the step is reached.
    for (let deadlineMs = 20; ; deadlineMs *= 2) {
      const { retriever, embedded, searches } = setUp({ deadlineMs, slow: { [at]: waiting } });
      await assert.rejects(retriever.query({ query: "q" }), { code: "deadline_exceeded" });
      const last = (at === "embedding" ? embedded : searches).at(-1);
      if (last === undefined && deadlineMs < 60_000) continue;
      assert.equal(last?.signal?.aborted, true, at);
      break;
    }
  }
});

test("a part that listens to no signal holds nobody up", async () => {
  const { retriever } = setUp({ deadlineMs: 20, slow: { searching: () => new Promise(() => {}) } });
  await assert.rejects(retriever.query({ query: "q" }), { code: "deadline_exceeded" });
});

test("the caller's signal ends a query by its own reason, before its deadline", async () => {
  const leave = new AbortController();
  const { retriever, searches } = setUp({ slow: { searching: waiting } });
  const asked = retriever.query({ query: "q" }, leave.signal);
  while (searches.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const reason = new IsthmusError("cancelled", "The client went away.");
  leave.abort(reason);
  await assert.rejects(asked, reason);
});

test("the model may take as long as it takes to load", async () => {
  const loading = Promise.withResolvers<void>();
  const { retriever } = setUp({ deadlineMs: 20, loaded: loading.promise });
  const asked = retriever.query({ query: "q" });
  setTimeout(() => loading.resolve(), 60);
  assert.equal((await asked).results.length, 1);
});

test("too many different words, and a filter out of bounds, cost neither a run of the model nor a search", async () => {
  const words = (count: number) => Array.from({ length: count }, (_, at) => `w${at.toString(36)}`).join(" ");
  const metadata = { team: Array.from({ length: 1_001 }, (_, at) => at) };
  for (const [request, field] of [
    [{ query: words(257) }, "query"],
    [{ query: words(257), mode: "keyword" }, "query"],
    [{ query: "q", filter: { metadata } }, "filter.metadata.team"],
    [{ query: "q", filter: { metadata: { team: [] } } }, "filter.metadata.team"],
    [{ query: "q", filter: { uri: "u".repeat(4_097) } }, "filter.uri"],
  ] as const) {
    const { retriever, embedded, searches } = setUp();
    await assert.rejects(retriever.query(request), { code: "query_invalid", field });
    assert.deepEqual([embedded.length, searches.length], [0, 0], field);
  }
  const { retriever, searches } = setUp();
  await retriever.query({ query: words(256) });
  await retriever.query({ query: words(257), mode: "vector" });
  assert.equal(searches.length, 2);
});

test("a hit becomes a passage; a record's id is encoded into its URI", async () => {
  const { retriever } = setUp({
    hits: [hit, { ...hit, chunkId: "d", recordId: "a b/ü#1", content: "second", score: 0.25 }],
  });
  const { results } = await retriever.query({ query: "q" });
  const source = {
    uri: "file:///a.jsonl",
    title: "Title",
    heading: "Heading",
    start: 3,
    end: 10,
    version: "v1",
    ordinal: 2,
    metadata: { year: 2026 },
  };
  assert.deepEqual(results, [
    { content: "content", source, score: 0.5 },
    { content: "second", source: { ...source, uri: "file:///a.jsonl#a%20b%2F%C3%BC%231" }, score: 0.25 },
  ]);
});

test("nothing found is an answer", async () => {
  const { results, tookMs, embedMs, searchMs } = await setUp({ hits: [] }).retriever.query({ query: "q" });
  assert.deepEqual(results, []);
  assert.ok(Math.abs(embedMs + searchMs - tookMs) < 0.001, "the parts make up the whole");
});

test("an embedder that fails once is asked again, twice it is an error", async () => {
  const gone = () => new IsthmusError("embedder_unavailable", "gone");
  const once = setUp({ failures: [gone()] });
  assert.equal((await once.retriever.query({ query: "q" })).results.length, 1);
  assert.equal(once.embedded.length, 2);
  const twice = setUp({ failures: [gone(), gone(), gone()] });
  await assert.rejects(twice.retriever.query({ query: "q" }), { code: "embedder_unavailable" });
  assert.deepEqual([twice.embedded.length, twice.searches.length], [2, 0]);
});
