import assert from "node:assert/strict";
import { mock, test } from "node:test";
import type { StoreWriter } from "../src/core/ports.ts";
import { fillStore } from "./store-fill.ts";

test("the clock runs while words are looked for and documents are written, and stands while texts are made", async () => {
  let seconds = 0;
  const clock = mock.method(performance, "now", () => seconds * 1000);
  try {
    const data = {
      vectors: Array.from({ length: 25 }, () => new Float32Array(2)),
      text(position: number) {
        seconds += 1000;
        return `text ${position}`;
      },
      queries: [],
      origin: "none",
    };
    const analyzer = {
      name: "words",
      version: 1,
      async terms(text: string) {
        seconds += 1;
        return text.split(" ");
      },
    };
    const stored: string[] = [];
    const writer: Partial<StoreWriter> = {
      begin: () => ({
        id: "1",
        async put(chunks) {
          seconds += 100;
          stored.push(...chunks.map(({ content, terms }) => `${content}: ${terms}`));
        },
        commit: async (commit) => ({ row: { ...commit, attempt: "1" } }),
        abandon: async () => {},
      }),
    };
    const took = await fillStore(writer as StoreWriter, data, analyzer, { tell() {}, clear() {} });
    assert.deepEqual(
      stored,
      Array.from(data.vectors, (_, position) => `text ${position}: text ${position}`),
    );
    // 25 chunks, three documents.
    assert.equal(took, 25 * 1 + 3 * 100);
  } finally {
    clock.mock.restore();
  }
});
