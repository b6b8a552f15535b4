import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { testSeed } from "../../../../test/support/seed.ts";
import { assertConsistent } from "./integrity.testing.ts";
import { createSqliteStore } from "./store.ts";

const ROUNDS = 8;
const identity = { model: "test/model", dimensions: 32, revision: "r1" };
const module = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/** Writes without end: small documents, documents that are staged, replacements, deletes, attempts given up. */
const writing = (directory: string, seed: number): string => `
  const { createSqliteStore } = await import(${module("store.ts")});
  const { attempt, chunk, commitOf, tombstone } = await import(${module("../contract/harness.ts")});
  const writer = await createSqliteStore({ directory: ${JSON.stringify(directory)} }).openWriter(${JSON.stringify(identity)});
  let seed = ${seed};
  const random = (below) => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) % below;
  console.log("writing");
  for (let generation = ${seed} * 1_000_000; ; generation++) {
    const of = attempt("file:///" + random(12), generation);
    const size = random(8) === 0 ? 300 + random(400) : random(20);
    const chunks = Array.from({ length: size }, (_, at) => chunk(of, at, ${identity.dimensions}, { metadata: { n: at } }));
    const open = writer.begin(of);
    for (let at = 0; at < size; at += 100) await open.put(chunks.slice(at, at + 100));
    if (random(6) === 0) await open.abandon();
    else {
      const deletes = random(6) === 0;
      if (deletes) await writer.remove([tombstone(of)]);
      else await open.commit(commitOf(of, size));
      console.log(JSON.stringify({ uri: of.uri, generation, state: deletes ? "deleted" : "indexed" }));
      if (deletes) await open.abandon();
    }
  }`;

interface Told {
  readonly uri: string;
  readonly generation: number;
  readonly state: string;
}

/** The last whole line about each document. */
function lastTold(output: string): Told[] {
  const lines = output.split("\n").slice(1, -1);
  return [...new Map(lines.map((line) => JSON.parse(line) as Told).map((told) => [told.uri, told])).values()];
}

test("a process killed at any moment leaves a consistent index with every commit it was told of", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "isthmus-store-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const first = (testSeed % 1_000) + 1;
  for (let round = 0; round < ROUNDS; round++) {
    const seed = first + round;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", writing(directory, seed)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    while (!output.includes("writing\n")) await once(child.stdout, "data");
    await sleep((seed * 37) % 400);
    child.kill("SIGKILL");
    await once(child, "close");

    const store = createSqliteStore({ directory });
    const reader = await store.openReader(identity);
    const counted = await reader.count("");
    for (const told of lastTold(output)) {
      const current = (await reader.entries([told.uri]))[0]?.current;
      // One more commit may have gone through before it could be told.
      assert.ok(current !== undefined && current.order.generation >= told.generation, `${told.uri} is as told`);
      if (current.order.generation === told.generation) assert.equal(current.state, told.state);
    }
    await reader.close();
    t.diagnostic(`seed ${seed}: ${counted.documents} documents, ${counted.chunks} chunks`);
    const before = assertConsistent(join(directory, "index.sqlite"), identity);
    assert.equal(before.documents, counted.documents);
    // The next writer throws out what the dead one had staged.
    const writer = await store.openWriter(identity);
    assert.deepEqual(await writer.count(""), counted);
    await writer.close();
    assert.deepEqual(assertConsistent(join(directory, "index.sqlite"), identity), {
      documents: counted.documents,
      chunks: counted.chunks,
    });
  }
});

test("what a killed writer had staged is thrown out by the next", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "isthmus-store-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const staging = `
    const { createSqliteStore } = await import(${module("store.ts")});
    const { attempt, chunk } = await import(${module("../contract/harness.ts")});
    const writer = await createSqliteStore({ directory: ${JSON.stringify(directory)} }).openWriter(${JSON.stringify(identity)});
    const of = attempt("file:///large");
    await writer.begin(of).put(Array.from({ length: 400 }, (_, at) => chunk(of, at, ${identity.dimensions})));
    console.log("staged");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", staging], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  const file = join(directory, "index.sqlite");
  assert.deepEqual(assertConsistent(file, identity), { documents: 0, chunks: 400 });
  await (await createSqliteStore({ directory }).openWriter(identity)).close();
  assert.deepEqual(assertConsistent(file, identity), { documents: 0, chunks: 0 });
});
