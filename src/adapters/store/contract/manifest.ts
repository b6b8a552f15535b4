import assert from "node:assert/strict";
import type { FailureRow, ManifestEntry } from "../../../core/types.ts";
import { attempt, type ContractTest, commitOf, index, tombstone, unnamed, write } from "./harness.ts";

function failure(uri: string, rest: Partial<FailureRow> = {}): FailureRow {
  const at = "2026-01-01T00:00:00.000Z";
  return {
    uri,
    version: "v9",
    fingerprint: "f1",
    code: "parse_failed",
    reason: "no",
    attempts: 1,
    state: "failed",
    at,
    ...rest,
  };
}

const names = (entries: readonly ManifestEntry[]): string[] => entries.map(({ uri }) => uri);

/** What the manifest tells of documents, failures and deletes. */
export const manifestTests: readonly ContractTest[] = [
  [
    "entries come in the order asked, unknown ones by their URI alone, with every field as committed",
    async (bench) => {
      const of = attempt("file:///ä 'x'.txt", 1_700_000_000_000_123);
      const rest = {
        faults: [
          { kind: "fault", id: "7", code: "record_invalid", reason: 'not "JSON" 🙂' },
          { kind: "fault", id: "page 3", code: "content_note", reason: "Read as one word." },
        ],
        faultCount: 1,
        title: "Zeile\nzwei",
        digest: "sha256:00",
        traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
      } as const;
      const { row: one } = await write(bench.writer, of, [], rest);
      assert.deepEqual(unnamed({ uri: of.uri, current: one }), { uri: of.uri, current: commitOf(of, 0, rest) });
      const uris = ["file:///unknown", one.uri, "file:///unknown", one.uri];
      const expected = [
        { uri: uris[0] },
        { uri: one.uri, current: one },
        { uri: uris[0] },
        { uri: one.uri, current: one },
      ];
      assert.deepEqual(await bench.reader.entries(uris), expected);
      assert.deepEqual(await bench.writer.entries(uris), expected);
      assert.deepEqual(await bench.reader.entries([]), []);
    },
  ],
  [
    "each version names the trace that made it, also after others, and a version that none made names none",
    async (bench) => {
      const [first, second] = ["4bf92f3577b34da6a3ce929d0e0e4736", "00000000000000000000000000000001"];
      const traceOf = async (uri: string) => (await bench.reader.entries([uri]))[0]?.current?.traceId;
      await write(bench.writer, attempt("file:///a"), [], { traceId: first });
      await write(bench.writer, attempt("file:///b"));
      assert.equal(await traceOf("file:///a"), first);
      assert.equal(await traceOf("file:///b"), undefined);
      await write(bench.writer, attempt("file:///a", 2), [], { traceId: second });
      // It comes too late, and another's trace is nobody's business then.
      const late = attempt("file:///a", 1, { order: { generation: 1, reindex: 1 } });
      await write(bench.writer, late, [], { traceId: first });
      assert.equal(await traceOf("file:///a"), second);
      await write(bench.writer, attempt("file:///a", 3));
      assert.equal(await traceOf("file:///a"), undefined);
    },
  ],
  [
    "a failure stands beside the committed row, is replaced by the next, and cleared by a commit",
    async (bench) => {
      const one = attempt("file:///a");
      const { row: current } = await write(bench.writer, one);
      await bench.writer.recordFailure(failure(one.uri));
      await bench.writer.recordFailure(failure(one.uri, { attempts: 2 }));
      const [entry] = await bench.reader.entries([one.uri]);
      assert.deepEqual(entry, { uri: one.uri, current, failure: failure(one.uri, { attempts: 2 }) });
      await write(bench.writer, attempt(one.uri, 2));
      assert.equal((await bench.reader.entries([one.uri]))[0]?.failure, undefined);
      await bench.writer.recordFailure(failure(one.uri));
      await bench.writer.clearFailures([one.uri, "file:///never"]);
      await bench.writer.clearFailures([]);
      assert.equal((await bench.reader.entries([one.uri]))[0]?.failure, undefined);
    },
  ],
  [
    "a commit that comes too late leaves the failure of the newer version",
    async (bench) => {
      await write(bench.writer, attempt("file:///a", 5));
      await bench.writer.recordFailure(failure("file:///a"));
      const { supersededBy } = await write(bench.writer, attempt("file:///a", 4));
      assert.equal(supersededBy?.order.generation, 5);
      assert.deepEqual((await bench.reader.entries(["file:///a"]))[0]?.failure, failure("file:///a"));
    },
  ],
  [
    "pages ascend by code point, leave deleted documents out, and keep failures that never were indexed",
    async (bench) => {
      // By UTF-16 units U+FF5E would stand after the emoji.
      const uris = ["b", "a", "a/1", "a0", "~", "é", "～", "🙂"].map((name) => `file:///${name}`);
      for (const uri of uris) await write(bench.writer, attempt(uri));
      await bench.writer.remove([tombstone(attempt("file:///a0"))]);
      await bench.writer.recordFailure(failure("file:///a/0"));
      await bench.writer.recordFailure(failure("file:///b"));
      const expected = ["a", "a/0", "a/1", "b", "~", "é", "～", "🙂"].map((name) => `file:///${name}`);
      assert.deepEqual(names(await bench.reader.page("file:///", undefined, 100)), expected);
      const paged: string[] = [];
      for (let after: string | undefined; ; after = paged.at(-1)) {
        const page = await bench.reader.page("file:///", after, 3);
        paged.push(...names(page));
        if (page.length < 3) break;
      }
      assert.deepEqual(paged, expected);
      assert.ok((await bench.reader.page("file:///b", undefined, 1))[0]?.failure !== undefined);
    },
  ],
  [
    "a prefix is taken letter by letter: no wildcards, no case folding",
    async (bench) => {
      const uris = [
        "gs://b/100%/x",
        "gs://b/100_/x",
        "gs://b/100a/x",
        "gs://b/100A/x",
        "gs://b/[x]*?",
        "gs://b/🙂/y",
        "gs://c",
      ];
      for (const uri of uris) await write(bench.writer, attempt(uri));
      const under = async (prefix: string): Promise<string[]> => names(await bench.reader.page(prefix, undefined, 100));
      assert.deepEqual(await under("gs://b/100%"), ["gs://b/100%/x"]);
      assert.deepEqual(await under("gs://b/100_"), ["gs://b/100_/x"]);
      assert.deepEqual(await under("gs://b/100a"), ["gs://b/100a/x"]);
      assert.deepEqual(await under("gs://b/[x]*"), ["gs://b/[x]*?"]);
      assert.deepEqual(await under("gs://b/🙂"), ["gs://b/🙂/y"]);
      assert.deepEqual(await under("gs://b/\u{10ffff}"), []);
      assert.equal((await under("gs://b")).length, 6);
      assert.equal((await under("")).length, 7);
      assert.deepEqual(await bench.reader.page("gs://b/1", "gs://c", 10), []);
    },
  ],
  [
    "counts documents, chunks, failures and skips under a prefix",
    async (bench) => {
      await index(bench, attempt("file:///x/a"), [{}, {}]);
      await index(bench, attempt("file:///x/b"), [{}]);
      await index(bench, attempt("file:///y/c"), [{}]);
      await bench.writer.remove([tombstone(attempt("file:///x/b"))]);
      await bench.writer.recordFailure(failure("file:///x/d"));
      await bench.writer.recordFailure(failure("file:///x/e", { state: "skipped" }));
      assert.deepEqual(await bench.reader.count("file:///x/"), { documents: 1, chunks: 2, failed: 1, skipped: 1 });
      assert.deepEqual(await bench.reader.count(""), { documents: 2, chunks: 3, failed: 1, skipped: 1 });
      assert.deepEqual(await bench.writer.count("gs://"), { documents: 0, chunks: 0, failed: 0, skipped: 0 });
    },
  ],
  [
    "a writer opened later finds what an earlier one committed, and nothing of what it left open",
    async (bench) => {
      await index(bench, attempt("file:///a"), [{}]);
      await bench.writer.remove([tombstone(attempt("file:///gone", 7))]);
      await bench.writer.close();
      const later = await bench.store.openWriter(bench.identity);
      try {
        const entries = await later.entries(["file:///a", "file:///gone"]);
        assert.deepEqual(
          entries.map(({ current }) => current?.state),
          ["indexed", "deleted"],
        );
        await write(later, attempt("file:///gone", 6));
        assert.equal(
          (await later.entries(["file:///gone"]))[0]?.current?.state,
          "deleted",
          "older never replaces newer",
        );
      } finally {
        await later.close();
      }
    },
  ],
];
