import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type AttemptSteps, openAttempt } from "./attempt.ts";
import type { Attempt, Commit, StoredChunk } from "./types.ts";

const attempt: Attempt = {
  uri: "file:///a.txt",
  order: { generation: 1, reindex: 0 },
  version: "v1",
  fingerprint: "f",
};

const commit = (chunks: number, more: Partial<Commit> = {}): Commit => ({
  ...attempt,
  state: "indexed",
  title: "a",
  size: 1,
  contentType: "text/plain",
  updatedAt: "2026-01-01T00:00:00Z",
  committedAt: "2026-01-01T00:00:00Z",
  chunks,
  records: 1,
  faultCount: 0,
  faults: [],
  ...more,
});

const chunk = (ordinal: number, dimensions = 2): StoredChunk => ({
  id: `chunk ${ordinal}`,
  ordinal,
  title: "a",
  heading: "",
  content: "text",
  start: 0,
  end: 4,
  metadata: {},
  textHash: "h",
  vector: new Float32Array(dimensions).fill(0.7),
  terms: "text",
});

/** An attempt whose steps note that they were asked; each fails while it is named in `failing`. */
function setUp(failing = new Set<string>()) {
  const asked: string[] = [];
  const step = (name: string) => {
    asked.push(name);
    if (failing.has(name)) throw new Error(name);
  };
  const steps: AttemptSteps = {
    put: async (chunks) => step(`put ${chunks.length}`),
    async commit(of) {
      step("commit");
      return { row: { ...of, attempt: "1" } };
    },
    abandon: async () => step("abandon"),
    end: () => step("end"),
  };
  return { asked, open: openAttempt("1", attempt, 2, steps) };
}

suite("an attempt is held to its promises", () => {
  test("chunks in order, as many as are committed, and one end", async () => {
    const { open, asked } = setUp();
    await open.put([chunk(0), chunk(1)]);
    await open.put([]);
    await open.put([chunk(2)]);
    assert.equal((await open.commit(commit(3))).row.chunks, 3);
    await open.abandon();
    assert.deepEqual(asked, ["put 2", "put 1", "commit", "end"]);
  });

  for (const [what, chunks, message] of [
    ["a chunk twice", [chunk(0), chunk(0)], /chunk 0 where 1 comes next/],
    ["a chunk that is left out", [chunk(0), chunk(2)], /chunk 2 where 1 comes next/],
  ] as const) {
    test(`${what} is told by name, and stored by nobody`, async () => {
      const { open, asked } = setUp();
      await assert.rejects(open.put(chunks), { code: "internal", message });
      assert.deepEqual(asked, []);
    });
  }

  test("a vector of another length is another model's", async () => {
    const { open, asked } = setUp();
    await assert.rejects(open.put([chunk(0), chunk(1, 3)]), { code: "embedder_mismatch", message: /3 dimensions/ });
    assert.deepEqual(asked, []);
  });

  for (const [what, of, message] of [
    ["another number of chunks", commit(2), /committed with 2 chunks, and 1 were put/],
    ["another document", commit(1, { uri: "file:///b.txt" }), /committed as file:\/\/\/b\.txt/],
    ["a tombstone", commit(1, { state: "deleted" }), /committed as a tombstone/],
  ] as const) {
    test(`a commit of ${what} is refused`, async () => {
      const { open, asked } = setUp();
      await open.put([chunk(0)]);
      await assert.rejects(open.commit(of), { code: "internal", message });
      assert.deepEqual(asked, ["put 1"]);
    });
  }

  test("nothing follows its end", async () => {
    const { open } = setUp();
    await open.commit(commit(0));
    await assert.rejects(open.commit(commit(0)), { code: "internal", message: /committed twice/ });
    await assert.rejects(open.put([chunk(0)]), { code: "internal", message: /written to after its end/ });
  });
});

suite("the end of an attempt", () => {
  test("one without chunks has nothing to take back", async () => {
    const { open, asked } = setUp();
    await open.abandon();
    await open.abandon();
    assert.deepEqual(asked, ["end"]);
  });

  test("a commit that failed may have happened: it may be tried again, and its chunks are not taken back", async () => {
    const failing = new Set(["commit"]);
    const { open, asked } = setUp(failing);
    await open.put([chunk(0)]);
    await assert.rejects(open.commit(commit(1)), /commit/);
    failing.clear();
    await open.commit(commit(1));
    assert.deepEqual(asked, ["put 1", "commit", "commit", "end"]);
    const given = setUp(new Set(["commit"]));
    await given.open.put([chunk(0)]);
    await assert.rejects(given.open.commit(commit(1)), /commit/);
    await given.open.abandon();
    assert.deepEqual(given.asked, ["put 1", "commit", "end"]);
  });
});
