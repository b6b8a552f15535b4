import assert from "node:assert/strict";
import { MAX_TERMS } from "../../../core/filter.ts";
import {
  attempt,
  type Bench,
  type ContractTest,
  chunk,
  cosine,
  index,
  normalise,
  rejectsWith,
  vectorOf,
  visible,
} from "./harness.ts";

const contents = async (bench: Bench, ...terms: string[]): Promise<string[]> =>
  (await bench.reader.search({ mode: "keyword", limit: 10, terms })).map(({ content }) => content);

/** Ranking by vector, by keyword and by both. */
export const searchTests: readonly ContractTest[] = [
  [
    "a term that is named several times counts so many times",
    async (bench) => {
      await index(bench, attempt("file:///a"), [
        { content: "words", terms: "alpha beta gamma delta" },
        { content: "code", terms: "kx-4471 epsilon zeta eta" },
        ...Array.from({ length: 5 }, (_, at) => ({ content: `filler ${at}`, terms: "theta kappa lambda mu" })),
      ]);
      const search = async (...terms: string[]) => await bench.reader.search({ mode: "keyword", limit: 10, terms });
      assert.deepEqual(await contents(bench, "alpha", "beta", "kx-4471"), ["words", "code"]);
      assert.deepEqual(await contents(bench, "alpha", "beta", ...Array<string>(3).fill("kx-4471")), ["code", "words"]);
      const [once] = await search("kx-4471");
      const [thrice] = await search("kx-4471", "kx-4471", "kx-4471");
      const ratio = (thrice?.score ?? 0) / (once?.score ?? 1);
      assert.ok(Math.abs(ratio - 3) < 1e-3, `${ratio}`);
      const many = Array.from({ length: MAX_TERMS - 1 }, (_, at) => `term-${at}`).flatMap((term) => [term, term, term]);
      assert.equal((await search(...many, "alpha")).length, 1, "and as many codes as a question may have");
    },
  ],
  [
    "vector search ranks by cosine and gives every field of the chunk back",
    async (bench) => {
      const { dimensions } = bench.identity;
      const metadata = { author: "Čapek 🙂", year: 1920, draft: false, tags: ["a", 2], "odd key=": "a=b" };
      const chunks = await index(bench, attempt("file:///a"), [
        { metadata, recordId: "r 1", title: "R.U.R.", heading: "Act 1 > Scene 2", content: "Zeile\n\u0000 zwei 🙂" },
        ...Array.from({ length: 30 }, () => ({})),
      ]);
      const vector = normalise(
        vectorOf("query", dimensions).map((value, at) => value + 2 * (chunks[0]?.vector[at] ?? 0)),
      );
      const hits = await bench.reader.search({ mode: "vector", limit: 5, vector });
      const expected = chunks.map((each) => cosine(each.vector, vector)).sort((a, b) => b - a);
      assert.equal(hits.length, 5);
      hits.forEach((hit, at) => {
        assert.ok(Math.abs(hit.score - (expected[at] ?? 0)) < 1e-4, `${hit.score} and ${expected[at]}`);
      });
      const { score: _, rankings, ...first } = hits[0] ?? { score: 0 };
      assert.deepEqual(rankings, { vector: { rank: 1, score: hits[0]?.score } });
      const { id, textHash: __, vector: ___, terms: ____, ...stored } = chunks[0] ?? { id: "" };
      assert.deepEqual(first, { ...stored, chunkId: id, uri: "file:///a", version: "v1" });
    },
  ],
  [
    "keyword search finds any of the terms, the chunk with more and rarer ones first",
    async (bench) => {
      await index(bench, attempt("file:///a"), [
        { content: "both", terms: "alpha beta gamma delta" },
        { content: "one", terms: "alpha gamma delta epsilon" },
        { content: "other", terms: "zeta eta theta iota" },
        ...Array.from({ length: 5 }, (_, at) => ({ content: `filler ${at}`, terms: "alpha kappa lambda mu" })),
      ]);
      const hits = await bench.reader.search({ mode: "keyword", limit: 3, terms: ["alpha", "beta", "gamma"] });
      assert.deepEqual(
        hits.slice(0, 2).map(({ content }) => content),
        ["both", "one"],
      );
      assert.ok((hits[0]?.score ?? 0) > (hits[1]?.score ?? 0), "higher is better");
      assert.ok((hits[1]?.score ?? 0) > 0);
      assert.deepEqual(await contents(bench, "zeta"), ["other"]);
      assert.deepEqual(await contents(bench, "omega"), []);
      assert.deepEqual(await contents(bench), [], "no terms match nothing");
    },
  ],
  [
    "terms match exactly as analysed: no second stemming, folding or splitting",
    async (bench) => {
      const terms = [
        "node:sqlite",
        "isthmus_data_dir",
        "1.39.0",
        "straße",
        "naïve",
        "東京",
        "東",
        "ไทย",
        "c++",
        "a-b",
        "don't",
        "de:haus",
        "+:haus",
        "^:kot",
        "~de",
        "🙂",
      ];
      await index(
        bench,
        attempt("file:///a"),
        terms.map((term) => ({ content: term, terms: `${term} filler` })),
      );
      for (const term of terms) assert.deepEqual(await contents(bench, term), [term]);
      for (const near of [
        "de",
        "haus",
        "node",
        "sqlite",
        "isthmus",
        "data",
        "strasse",
        "naive",
        "京",
        "c",
        "a",
        "1.39",
      ]) {
        assert.deepEqual(await contents(bench, near), [], near);
      }
    },
  ],
  [
    "nothing in a term is taken for an operator of a query language",
    async (bench) => {
      await index(bench, attempt("file:///a"), [{ content: "hit", terms: "plain words near and or not" }]);
      const odd = [
        '"',
        '""',
        "'",
        "*",
        "pla*",
        "^plain",
        "NEAR",
        "AND",
        "OR",
        "NOT",
        "NEAR(plain words)",
        "terms:plain",
        "{terms}",
        "(",
        ")",
        "+",
        "-plain",
        "\\",
        "%",
        "_",
        ";",
        "--",
        "\u0000",
        " ",
      ];
      for (const term of odd) await bench.reader.search({ mode: "keyword", limit: 5, terms: [term] });
      await bench.reader.search({ mode: "keyword", limit: 5, terms: odd });
      assert.deepEqual(await contents(bench, "pla*"), []);
      assert.deepEqual(await contents(bench, '"', "plain"), ["hit"]);
      const many = Array.from({ length: MAX_TERMS - 1 }, (_, at) => `term${at}`);
      assert.deepEqual(await contents(bench, ...many, ...many, "words"), ["hit"]);
      await assert.rejects(contents(bench, ...many, "words", "plain"), rejectsWith("query_invalid", "query"));
    },
  ],
  [
    "hybrid search scores from 0 to 1, and prefers what both rankings hold",
    async (bench) => {
      const { dimensions } = bench.identity;
      const vector = vectorOf("query", dimensions);
      const away = vector.map((value) => -value);
      const near = normalise(vector.map((value, at) => value + (at === 0 ? 0.3 : 0)));
      await index(bench, attempt("file:///a"), [
        { content: "neither", terms: "other", vector: away },
        { content: "by vector", terms: "other", vector: near },
        { content: "by keyword", terms: "wanted", vector: away },
        { content: "by both", terms: "wanted", vector: near },
      ]);
      const hits = await bench.reader.search({ mode: "hybrid", limit: 10, vector, terms: ["wanted"] });
      assert.deepEqual(
        hits.slice(0, 3).map(({ content }) => content),
        ["by both", "by vector", "by keyword"],
      );
      assert.ok(hits.every(({ score }) => score >= 0 && score <= 1 + 1e-9));
      assert.ok((hits[0]?.score ?? 0) > 1 - 1e-4, "best in both is 1");
      const both = hits[0]?.rankings;
      assert.equal(both?.vector?.rank === 1 || both?.vector?.rank === 2, true, "its place by vector is told");
      assert.equal(both?.keyword?.rank === 1 || both?.keyword?.rank === 2, true, "and by keyword");
      assert.ok(Math.abs((both?.vector?.score ?? 0) - cosine(near, vector)) < 1e-4);
      assert.equal(hits[1]?.rankings.keyword, undefined, "it is in one ranking alone");
      const alone = await bench.reader.search({ mode: "hybrid", limit: 2, vector, terms: ["unheard"] });
      assert.deepEqual(alone.map(({ content }) => content).sort(), ["by both", "by vector"]);
    },
  ],
  [
    "the one chunk with a word comes before nearer ones without it, the more so where the model does not know the word",
    async (bench) => {
      const { dimensions } = bench.identity;
      const vector = vectorOf("query", dimensions);
      const at = (share: number) =>
        normalise(
          vector.map((value, index) => share * value + (1 - share) * (vectorOf("far", dimensions)[index] ?? 0)),
        );
      await index(bench, attempt("file:///a"), [
        { content: "exact", terms: "wanted", vector: at(0.4) },
        ...Array.from({ length: 20 }, (_, each) => ({ terms: "other", vector: at(0.7 - each * 0.005) })),
      ]);
      const search = async (unfamiliar: number) =>
        (await bench.reader.search({ mode: "hybrid", limit: 3, vector, terms: ["wanted"], unfamiliar }))[0];
      const [known, strange] = [await search(0), await search(1)];
      assert.deepEqual([known?.content, strange?.content], ["exact", "exact"]);
      assert.ok((strange?.score ?? 0) > (known?.score ?? 0));
      assert.deepEqual(strange?.rankings.keyword?.rank, 1);
    },
  ],
  [
    "equal scores are ordered by chunk id, on every search",
    async (bench) => {
      const vector = vectorOf("same", bench.identity.dimensions);
      const chunks = await index(
        bench,
        attempt("file:///a"),
        Array.from({ length: 12 }, () => ({ vector, terms: "same" })),
      );
      const expected = chunks.map(({ id }) => id).sort();
      for (const mode of ["vector", "keyword", "hybrid"] as const) {
        const hits = await bench.reader.search({ mode, limit: 12, vector, terms: ["same"] });
        assert.deepEqual(
          hits.map(({ chunkId }) => chunkId),
          expected,
          mode,
        );
      }
    },
  ],
  [
    "gives as many hits as wanted while that many chunks are current, whatever was replaced",
    async (bench) => {
      for (let generation = 1; generation <= 5; generation++) {
        await index(
          bench,
          attempt("file:///a", generation),
          Array.from({ length: 20 }, () => ({ terms: "wanted" })),
        );
      }
      const vector = vectorOf("query", bench.identity.dimensions);
      for (const mode of ["vector", "keyword", "hybrid"] as const) {
        const hits = await bench.reader.search({ mode, limit: 20, vector, terms: ["wanted"] });
        assert.equal(hits.length, 20, mode);
        assert.ok(
          hits.every(({ version }) => version === "v5"),
          mode,
        );
      }
    },
  ],
  [
    "a large file that is just being written keeps nothing from being found, however well it fits the query",
    async (bench) => {
      const { dimensions } = bench.identity;
      const [wanted, other] = [vectorOf("query", dimensions), vectorOf("other", dimensions)];
      await index(bench, attempt("file:///there"), [{ vector: other, terms: "common word" }]);
      const large = attempt("file:///large");
      const open = bench.writer.begin(large);
      for (let from = 0; from < 1_200; from += 200) {
        const chunks = Array.from({ length: 200 }, (_, at) =>
          chunk(large, from + at, dimensions, { vector: wanted, terms: "word" }),
        );
        await open.put(chunks);
      }
      for (const mode of ["vector", "keyword", "hybrid"] as const) {
        const hits = await bench.reader.search({ mode, limit: 2, vector: wanted, terms: ["word"] });
        assert.deepEqual(
          hits.map(({ uri }) => uri),
          ["file:///there"],
          mode,
        );
      }
    },
  ],
  [
    "a search that cannot be run is refused with its field",
    async (bench) => {
      const vector = vectorOf("query", bench.identity.dimensions);
      const { reader } = bench;
      await assert.rejects(reader.search({ mode: "vector", limit: 0, vector }), rejectsWith("query_invalid", "limit"));
      await assert.rejects(
        reader.search({ mode: "vector", limit: 1_001, vector }),
        rejectsWith("query_invalid", "limit"),
      );
      await assert.rejects(
        reader.search({ mode: "hybrid", limit: 1, terms: [] }),
        rejectsWith("query_invalid", "vector"),
      );
      await assert.rejects(reader.search({ mode: "keyword", limit: 1 }), rejectsWith("query_invalid", "terms"));
      const short = vector.subarray(1);
      await assert.rejects(
        reader.search({ mode: "vector", limit: 1, vector: short }),
        rejectsWith("query_invalid", "vector"),
      );
    },
  ],
  [
    "a search under a signal that has fired is refused as cancelled, and the next one runs",
    async (bench) => {
      await index(bench, attempt("file:///a"), [{}]);
      const vector = vectorOf("query", bench.identity.dimensions);
      const search = bench.reader.search({ mode: "vector", limit: 1, vector }, AbortSignal.abort());
      await assert.rejects(search, rejectsWith("cancelled"));
      assert.equal((await visible(bench, "")).length, 1);
    },
  ],
];
