import assert from "node:assert/strict";
import type { Filter } from "../../../core/types.ts";
import { attempt, type Bench, type ContractTest, index, rejectsWith, vectorOf } from "./harness.ts";

async function found(bench: Bench, filter: Filter): Promise<string[]> {
  const vector = vectorOf("query", bench.identity.dimensions);
  const lists: string[][] = [];
  for (const mode of ["vector", "keyword", "hybrid"] as const) {
    const hits = await bench.reader.search({ mode, limit: 100, vector, terms: ["common"], filter });
    lists.push(hits.map(({ content }) => content).sort());
  }
  assert.deepEqual(lists[0], lists[1]);
  assert.deepEqual(lists[0], lists[2]);
  return lists[0] ?? [];
}

/** The filter grammar, alike in every mode. */
export const filterTests: readonly ContractTest[] = [
  [
    "a URI prefix, letter by letter",
    async (bench) => {
      for (const name of ["a", "a/b", "A", "a%", "a_", "b", "🙂"]) {
        await index(bench, attempt(`file:///${name}`), [{ content: name }]);
      }
      assert.deepEqual(await found(bench, { uri: "file:///a" }), ["a", "a%", "a/b", "a_"]);
      assert.deepEqual(await found(bench, { uri: "file:///a%" }), ["a%"]);
      assert.deepEqual(await found(bench, { uri: "file:///a_" }), ["a_"]);
      assert.deepEqual(await found(bench, { uri: "file:///🙂" }), ["🙂"]);
      assert.equal((await found(bench, { uri: "" })).length, 7);
      assert.deepEqual(await found(bench, { uri: "x" }), []);
    },
  ],
  [
    "metadata equal to a value or one of a list, compared as text",
    async (bench) => {
      const long = "x".repeat(5_000);
      await index(bench, attempt("file:///a"), [
        { content: "one", metadata: { n: 1, lang: "en", "a=b": "c" } },
        { content: "one as text", metadata: { n: "1", lang: "de", a: "b=c" } },
        { content: "true", metadata: { n: true, lang: "", quote: "o'n\"e" } },
        { content: "long", metadata: { n: long, lang: "日本語" } },
        { content: "none" },
      ]);
      assert.deepEqual(await found(bench, { metadata: { n: 1 } }), ["one", "one as text"]);
      assert.deepEqual(await found(bench, { metadata: { n: "1" } }), ["one", "one as text"]);
      assert.deepEqual(await found(bench, { metadata: { n: "true" } }), ["true"]);
      assert.deepEqual(await found(bench, { metadata: { n: long } }), ["long"]);
      assert.deepEqual(await found(bench, { metadata: { n: `${long}x` } }), []);
      assert.deepEqual(await found(bench, { metadata: { lang: ["en", "日本語"] } }), ["long", "one"]);
      assert.deepEqual(await found(bench, { metadata: { lang: "" } }), ["true"]);
      assert.deepEqual(await found(bench, { metadata: { lang: [] } }), []);
      assert.deepEqual(await found(bench, { metadata: { lang: "EN" } }), []);
      assert.deepEqual(await found(bench, { metadata: { "a=b": "c" } }), ["one"]);
      assert.deepEqual(await found(bench, { metadata: { a: "b=c" } }), ["one as text"]);
      assert.deepEqual(await found(bench, { metadata: { quote: "o'n\"e" } }), ["true"]);
      assert.deepEqual(await found(bench, { metadata: { "x' OR 1=1 --": "y" } }), []);
      assert.equal((await found(bench, { metadata: {} })).length, 5);
    },
  ],
  [
    "a member of a list, either Unicode form, a whole number in either form, and keys that are odd",
    async (bench) => {
      const odd = Object.fromEntries([
        ["__proto__", "own"],
        ["constructor", "y"],
        ["  lead", "x"],
      ]);
      await index(bench, attempt("file:///a"), [
        { content: "list", metadata: { tags: ["red", "green", "red", 7, true], ver: 1, name: "Café" } },
        { content: "other", metadata: { tags: "redder", ver: "1.10", name: "Caf", size: 1.1 } },
        { content: "text", metadata: { tags: "red, green", ver: "1.0", size: "1.10" } },
        { content: "none", metadata: { tags: [] } },
        { content: "odd", metadata: odd },
      ]);
      assert.deepEqual(await found(bench, { metadata: { tags: "red" } }), ["list"]);
      assert.deepEqual(await found(bench, { metadata: { tags: [7] } }), ["list"]);
      assert.deepEqual(await found(bench, { metadata: { tags: "red, green" } }), ["text"]);
      assert.deepEqual(await found(bench, { metadata: { tags: ["green", "blue"] } }), ["list"]);
      for (const ver of [1, "1", "1.0", "1.00"]) {
        assert.deepEqual(await found(bench, { metadata: { ver } }), ["list", "text"], String(ver));
      }
      assert.deepEqual(await found(bench, { metadata: { ver: "1.10" } }), ["other"]);
      assert.deepEqual(await found(bench, { metadata: { ver: "1.1" } }), []);
      assert.deepEqual(await found(bench, { metadata: { size: "1.10" } }), ["text"]);
      assert.deepEqual(await found(bench, { metadata: { size: 1.1 } }), ["other"]);
      assert.deepEqual(await found(bench, { metadata: { name: "Cafe\u0301" } }), ["list"]);
      for (const [key, value] of Object.entries(odd)) {
        assert.deepEqual(await found(bench, { metadata: Object.fromEntries([[key, value]]) }), ["odd"], key);
        assert.deepEqual(await found(bench, { metadata: Object.fromEntries([[key, "no"]]) }), [], key);
      }
      assert.deepEqual(await found(bench, { metadata: { lead: "x" } }), []);
    },
  ],
  [
    "ranges of numbers and of ISO dates on declared keys",
    async (bench) => {
      await index(bench, attempt("file:///a"), [
        { content: "9", metadata: { year: 9, published: "2025-12-31" } },
        { content: "10", metadata: { year: "10", published: "2026-01-01T12:00:00Z" } },
        { content: "-1.5", metadata: { year: -1.5, published: "2026-01-31T23:59:59+00:00" } },
        { content: "text", metadata: { year: "unknown", published: "2026-02-01" } },
        { content: "several", metadata: { year: [9, 10] } },
        { content: "none" },
      ]);
      assert.deepEqual(await found(bench, { range: { year: { from: 9 } } }), ["10", "9"]);
      assert.deepEqual(await found(bench, { range: { year: { from: "9", to: 9.5 } } }), ["9"]);
      assert.deepEqual(await found(bench, { range: { year: { to: 0 } } }), ["-1.5"]);
      assert.deepEqual(await found(bench, { range: { published: { from: "2026-01-01", to: "2026-01-31" } } }), [
        "-1.5",
        "10",
      ]);
      assert.deepEqual(await found(bench, { range: { published: { to: "2026-01-01" } } }), ["10", "9"]);
      assert.deepEqual(await found(bench, { range: { published: { from: "2026-01-31T23:59:59Z" } } }), [
        "-1.5",
        "text",
      ]);
      assert.deepEqual(await found(bench, { range: { published: { from: 2025 } } }), []);
    },
  ],
  [
    "all conditions together, and only current chunks",
    async (bench) => {
      const old = { content: "old", metadata: { lang: "en", year: 2000 } };
      await index(bench, attempt("file:///x/a", 1), [old, old]);
      await index(bench, attempt("file:///x/a", 2), [
        { content: "hit", metadata: { lang: "en", year: 2001 } },
        { content: "other language", metadata: { lang: "de", year: 2001 } },
        { content: "too late", metadata: { lang: "en", year: 2010 } },
      ]);
      await index(bench, attempt("file:///y/a"), [{ content: "elsewhere", metadata: { lang: "en", year: 2001 } }]);
      const filter = { uri: "file:///x/", metadata: { lang: ["en", "fr"] }, range: { year: { from: 1990, to: 2005 } } };
      assert.deepEqual(await found(bench, filter), ["hit"]);
    },
  ],
  [
    "a filter that is not of the grammar is refused with its field",
    async (bench) => {
      const refused = async (filter: Filter, field: string): Promise<void> => {
        const search = bench.reader.search({ mode: "keyword", limit: 1, terms: ["common"], filter });
        await assert.rejects(search, rejectsWith("query_invalid", field));
      };
      await refused({ range: { size: { from: 1 } } }, "filter.range.size");
      await refused({ range: { year: {} } }, "filter.range.year");
      await refused({ range: { year: { from: "soon" } } }, "filter.range.year.from");
      await refused({ range: { year: { from: 1, to: "2026-01-01" } } }, "filter.range.year");
      await refused({ metadata: { a: Array.from({ length: 1_001 }, () => "x") } }, "filter.metadata.a");
    },
  ],
];
