import assert from "node:assert/strict";
import { test } from "node:test";
import type { Embedder } from "../ports.ts";
import { measureRate } from "./calibrate.ts";

/** An embedder whose calls take a tenth of a second each of a clock that only they move. */
function createSlowEmbedder(limits: Partial<Embedder["limits"]> = {}) {
  let clock = 0;
  const asked: string[] = [];
  const embedder: Embedder = {
    identity: { model: "test/slow", dimensions: 1, revision: "1" },
    limits: { maxTokens: 12, maxBatch: 1, maxConcurrency: 1, ...limits },
    load: async () => (text) => text.length,
    async embed(texts) {
      asked.push(...texts);
      clock += 100;
      return texts.map(() => Float32Array.of(1));
    },
    close: async () => {},
  };
  return { embedder, asked, now: () => clock };
}

test("tokens a second by the clock, special tokens counted, what is cut off left out, warming up apart", async () => {
  const { embedder, asked, now } = createSlowEmbedder();
  const rate = await measureRate(embedder, ["12345678", "a text that is cut off"], { forMs: 2000, now });
  // 10 and 12 tokens in turn, a tenth of a second each.
  assert.deepEqual([rate.texts, rate.seconds], [20, 2]);
  assert.equal(rate.tokensPerSecond.expected, 110);
  assert.equal(asked.length, 22);
  const { low, expected, high } = rate.tokensPerSecond;
  assert.ok(low <= expected && expected <= high && high < 1.3 * expected, JSON.stringify(rate.tokensPerSecond));
});

test("batches are filled as the embedder takes them", async () => {
  const { embedder, now } = createSlowEmbedder({ maxBatch: 8 });
  const rate = await measureRate(embedder, ["12345678"], { forMs: 1000, now });
  assert.deepEqual([rate.texts, rate.tokensPerSecond.expected], [80, 800]);
});

test("a signal ends it", async () => {
  const { embedder, now } = createSlowEmbedder();
  const signal = AbortSignal.abort();
  await assert.rejects(measureRate(embedder, ["text"], { forMs: 1000, now, signal }), { name: "AbortError" });
});
