// One writer in a process of its own: `writer-child.ts <settings as JSON> <seed>`. Writes generations of the same few
// documents with random pauses, deletes now and then, and prints the rows that it committed, a line each.
import { setTimeout as sleep } from "node:timers/promises";
import { attempt, chunksOf, commitOf, tombstone } from "../../src/adapters/store/contract/harness.ts";
import { fixedKey } from "../../src/adapters/store/weaviate/keys.ts";
import { createWeaviateStore } from "../../src/adapters/store/weaviate/store.ts";
import type { Attempt, DocumentRow } from "../../src/core/types.ts";
import { createSeeded } from "../support/seeded.ts";

const [json = "", seed = "1", documents = "5", rounds = "8"] = process.argv.slice(2);
const { key, ...settings } = JSON.parse(json);
const random = createSeeded(Number(seed));
const below = (most: number) => Math.floor(random() * most);
const store = createWeaviateStore({ ...settings, keys: fixedKey(key) });
const writer = await store.openWriter({ model: "test/model", dimensions: 16, revision: "1" });
for (let round = 0; round < Number(rounds); round++) {
  const uri = `gs://bucket/${below(Number(documents))}`;
  // Even generations are written, odd ones are deletes; two writers may well meet at one generation.
  const generation = 1 + below(60);
  const of = attempt(uri, generation);
  await sleep(below(15));
  process.stdout.write(`${JSON.stringify(generation % 2 === 1 ? await remove(of) : await write(of))}\n`);
}
await writer.close();

async function write(of: Attempt): Promise<DocumentRow> {
  const open = writer.begin(of);
  for (const from of [0, 2]) {
    await open.put(chunksOf(of, 2, 16, from));
    await sleep(below(15));
  }
  return (await open.commit(commitOf(of, 4))).row;
}

async function remove(of: Attempt): Promise<DocumentRow> {
  const [removed] = await writer.remove([tombstone(of)]);
  if (removed === undefined) throw new Error("nothing was removed");
  return removed.row;
}
