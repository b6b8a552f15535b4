import assert from "node:assert/strict";
import type { TurnedAway } from "../../../core/types.ts";
import { attempt, type ContractTest, chunk, commitOf, index, tombstone, vectorOf, write } from "./harness.ts";

/** Documents read as a whole, and scores taken apart. */
export const readingTests: readonly ContractTest[] = [
  [
    "a document's passages come in order, page by page, with every field, of the current version alone",
    async (bench) => {
      const { reader } = bench;
      await index(bench, attempt("file:///a", 1), [{}, {}, {}]);
      const current = attempt("file:///a", 2);
      const metadata = { author: "Čapek 🙂", year: 1920, tags: ["a", 2] };
      const parts = Array.from({ length: 25 }, (_, at) => ({
        content: `Zeile\n\u0000 ${at} 🙂`,
        ...(at === 7 && { recordId: "r 1", title: "R.U.R.", heading: "Act 1 > Scene 2", metadata }),
      }));
      const chunks = await index(bench, current, parts);
      await index(bench, attempt("file:///a.bak"), [{}]);
      const expected = chunks.map(({ id: _, textHash: __, vector: ___, terms: ____, ...passage }) => passage);
      for (const limit of [1, 10, 25, 1_000]) {
        const seen: unknown[] = [];
        while (seen.length < 25) {
          const page = await reader.passages("file:///a", seen.length, limit);
          assert.equal(page?.row.version, "v2");
          assert.equal(page?.row.chunks, 25);
          assert.equal(page?.passages.length, Math.min(limit, 25 - seen.length));
          seen.push(...(page?.passages ?? []));
        }
        assert.deepEqual(seen, expected);
      }
      assert.deepEqual((await reader.passages("file:///a", 25, 10))?.passages, [], "past the end there are none");
      assert.deepEqual((await reader.passages("file:///a", 1e9, 10))?.passages, []);
    },
  ],
  [
    "no passages of what is unknown, being written, or deleted; none of an empty document, which is known",
    async ({ reader, writer, identity }) => {
      assert.equal(await reader.passages("file:///nothing", 0, 10), undefined);
      const half = attempt("file:///half");
      const open = writer.begin(half);
      await open.put([chunk(half, 0, identity.dimensions)]);
      assert.equal(await reader.passages("file:///half", 0, 10), undefined);
      await open.commit(commitOf(half, 1));
      assert.equal((await reader.passages("file:///half", 0, 10))?.passages.length, 1);
      await write(writer, attempt("file:///empty"));
      assert.deepEqual((await reader.passages("file:///empty", 0, 10))?.passages, []);
      await writer.remove([tombstone(attempt("file:///half", 2))]);
      assert.equal(await reader.passages("file:///half", 0, 10), undefined);
    },
  ],
  [
    "the weights of single terms add up to the keyword score, whatever else the index holds",
    async (bench) => {
      const terms = ["alpha", "beta", "c++", "de:haus", "omega", '"', " "];
      await index(bench, attempt("file:///a"), [
        { terms: "alpha beta beta gamma c++" },
        { terms: "alpha delta epsilon zeta eta theta" },
        { terms: "de:haus alpha" },
        ...Array.from({ length: 20 }, () => ({ terms: "kappa lambda alpha mu" })),
      ]);
      await index(bench, attempt("file:///b"), [{ terms: "beta c++ nu" }, { terms: "nothing of it" }]);
      const hits = await bench.reader.search({ mode: "keyword", limit: 50, terms });
      const weights = await bench.reader.termWeights(terms, hits);
      assert.equal(weights.length, hits.length);
      hits.forEach(({ score, ordinal, uri }, at) => {
        const own = weights[at] ?? [];
        assert.equal(own.length, terms.length);
        const sum = own.reduce((total, weight) => total + weight, 0);
        assert.ok(Math.abs(sum - score) < 1e-3 * Math.max(1, score), `${uri} ${ordinal}: ${sum} and ${score}`);
      });
      const held = (uri: string, ordinal: number) => {
        const at = hits.findIndex((hit) => hit.uri === uri && hit.ordinal === ordinal);
        return terms.filter((_, term) => (weights[at]?.[term] ?? 0) > 0);
      };
      assert.deepEqual(held("file:///a", 0), ["alpha", "beta", "c++"]);
      assert.deepEqual(held("file:///a", 2), ["alpha", "de:haus"]);
      assert.deepEqual(held("file:///b", 0), ["beta", "c++"]);
      assert.deepEqual(await bench.reader.termWeights(terms, []), []);
      assert.deepEqual(await bench.reader.termWeights([], hits.slice(0, 1)), [[]]);
      const gone = [{ uri: "file:///gone", chunkId: hits[0]?.chunkId ?? "" }];
      assert.deepEqual(await bench.reader.termWeights(["alpha"], gone), [[0]]);
    },
  ],
  [
    "what is told of as turned away is nothing that counts, and a search is the same with and without being told",
    async (bench) => {
      const { writer, reader, identity } = bench;
      await index(bench, attempt("file:///there"), [{ terms: "word" }]);
      const half = attempt("file:///half");
      const open = writer.begin(half);
      await open.put([0, 1, 2].map((at) => chunk(half, at, identity.dimensions, { terms: "word" })));
      const vector = vectorOf("query", identity.dimensions);
      for (const mode of ["vector", "keyword", "hybrid"] as const) {
        const told: (readonly TurnedAway[])[] = [];
        const query = { mode, limit: 5, vector, terms: ["word"] };
        const hits = await reader.search(query, undefined, (turnedAway) => told.push(turnedAway));
        assert.deepEqual(hits, await reader.search(query));
        assert.deepEqual(
          hits.map(({ uri }) => uri),
          ["file:///there"],
        );
        assert.ok(told.length <= 1);
        for (const turnedAway of told.flat()) {
          assert.deepEqual(turnedAway, { uri: "file:///half", reason: "uncommitted", passages: 3 });
        }
      }
      await open.abandon();
    },
  ],
];
