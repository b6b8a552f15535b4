import assert from "node:assert/strict";
import { test } from "node:test";
import { createHashEmbedder, hashVector } from "../../test/support/hash-embedder.ts";
import { createEmbeddingScheduler } from "./embedding.ts";
import { IsthmusError } from "./errors.ts";
import type { Embedder } from "./ports.ts";

const texts = (count: number) => Array.from({ length: count }, (_, index) => `text ${index}`);

test("callers share batches, get their own vectors in order, and no limit is passed", async () => {
  const sizes: number[] = [];
  let running = 0;
  let most = 0;
  const embedder = createHashEmbedder({
    async onEmbed(batch) {
      sizes.push(batch.length);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    },
  });
  const scheduler = createEmbeddingScheduler(embedder);
  const answers = await Promise.all(texts(21).map((text) => scheduler.embed([text, `${text}!`])));
  for (const [index, vectors] of answers.entries()) {
    assert.deepEqual(vectors, [hashVector(`text ${index}`, 16), hashVector(`text ${index}!`, 16)]);
  }
  assert.ok(sizes.every((size) => size <= 4));
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    42,
  );
  assert.ok(sizes.length <= 12, `${sizes.length} calls for 42 texts`);
  assert.equal(most, 2);
  assert.deepEqual(await scheduler.embed([]), []);
});

test("what is retryable is tried again, what is not is not", async () => {
  let calls = 0;
  const failing = (failures: number, retryable: boolean): Embedder => {
    calls = 0;
    return createHashEmbedder({
      onEmbed() {
        if (++calls <= failures) throw new IsthmusError(retryable ? "embedder_unavailable" : "embedder_rejected", "no");
      },
    });
  };
  const policy = { baseMs: 1, attempts: 3 };
  await createEmbeddingScheduler(failing(2, true), policy).embed(["a"]);
  assert.equal(calls, 3);
  await assert.rejects(createEmbeddingScheduler(failing(3, true), policy).embed(["a"]), {
    code: "embedder_unavailable",
  });
  await assert.rejects(createEmbeddingScheduler(failing(1, false), policy).embed(["a"]), { code: "embedder_rejected" });
  assert.equal(calls, 1);
});

test("a text that the embedder refuses fails alone, not with its batch", async () => {
  const embedder = createHashEmbedder({
    onEmbed(batch) {
      if (batch.includes("bad")) throw new IsthmusError("embedder_rejected", "no");
    },
  });
  const scheduler = createEmbeddingScheduler(embedder);
  const answers = await Promise.allSettled(["a", "bad", "c"].map((text) => scheduler.embed([text])));
  assert.deepEqual(
    answers.map((answer) => answer.status),
    ["fulfilled", "rejected", "fulfilled"],
  );
});

test("a wrong count and wrong dimensions are refused", async () => {
  const embedder = createHashEmbedder();
  const fewer: Embedder = { ...embedder, embed: async (batch) => (await embedder.embed(batch)).slice(1) };
  const shorter: Embedder = { ...embedder, embed: async (batch) => batch.map(() => new Float32Array(15)) };
  await assert.rejects(createEmbeddingScheduler(fewer).embed(["a"]), { code: "embedder_mismatch" });
  await assert.rejects(createEmbeddingScheduler(shorter).embed(["a"]), { code: "embedder_mismatch" });
});

test("an aborted caller's texts are dropped, the others' are not", async () => {
  const scheduler = createEmbeddingScheduler(createHashEmbedder());
  const controller = new AbortController();
  const dropped = scheduler.embed(texts(50), controller.signal);
  const kept = scheduler.embed(["kept"]);
  controller.abort();
  await assert.rejects(dropped, { name: "AbortError" });
  assert.deepEqual(await kept, [hashVector("kept", 16)]);
});
