// One writer in a process of its own: `writer-child.ts <settings as JSON> <seed>`. Writes generations of the same few
// documents with random pauses, deletes now and then, and prints the rows that it committed, a line each.
import { setTimeout as sleep } from "node:timers/promises";
import { attempt, chunk, row, tombstone } from "../../src/adapters/store/contract/harness.ts";
import { fixedKey } from "../../src/adapters/store/weaviate/keys.ts";
import { createWeaviateStore } from "../../src/adapters/store/weaviate/store.ts";
import { commit } from "../../src/core/ingest/document.ts";
import { createSeeded } from "../support/seeded.ts";

const [json = "", seed = "1", documents = "5", rounds = "8"] = process.argv.slice(2);
const { key, ...settings } = JSON.parse(json);
const random = createSeeded(Number(seed));
const below = (most: number) => Math.floor(random() * most);
const store = createWeaviateStore({ ...settings, keys: fixedKey(key) });
const writer = await store.openWriter({ model: "test/model", dimensions: 16, revision: "1" });
for (let round = 0; round < Number(rounds); round++) {
  const uri = `gs://bucket/${below(Number(documents))}`;
  // Even generations are written, odd ones are deletes, so that no two writers disagree about one.
  const generation = 1 + below(60);
  const of = attempt(uri, generation);
  const committed = generation % 2 === 1 ? tombstone(of) : row(of, 4);
  await sleep(below(15));
  if (committed.chunks > 0) {
    await writer.put(of, [chunk(of, 0, 16), chunk(of, 1, 16)]);
    await sleep(below(15));
    await writer.put(of, [chunk(of, 2, 16), chunk(of, 3, 16)]);
    await sleep(below(15));
  }
  await commit({ writer }, committed);
  process.stdout.write(`${JSON.stringify(committed)}\n`);
}
await writer.close();
