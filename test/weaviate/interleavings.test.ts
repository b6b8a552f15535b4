import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { attempt, chunksOf, commitOf, tombstone, vectorOf } from "../../src/adapters/store/contract/harness.ts";
import { type Connection, createConnection } from "../../src/adapters/store/weaviate/connection.ts";
import { createReader } from "../../src/adapters/store/weaviate/reader.ts";
import { createWeaviateStore } from "../../src/adapters/store/weaviate/store.ts";
import { createWriter } from "../../src/adapters/store/weaviate/writer.ts";
import { supersedes } from "../../src/core/order.ts";
import type { StoreReader, StoreWriter } from "../../src/core/ports.ts";
import type { Attempt, Committed, DocumentRow } from "../../src/core/types.ts";
import { seeded } from "../support/seeded.ts";
import { objectsOf, scratchSettings, suiteWithWeaviate } from "../support/weaviate.ts";

const identity = { model: "test/model", dimensions: 16, revision: "1" };
const runs = 80;

/** Lets one request through at a time, whichever the seed picks, so that three writers meet in every way they can. */
function createGate(choose: (count: number) => number) {
  const waiting: (() => void)[] = [];
  let underWay = 0;
  return {
    guard(connection: Connection): Connection {
      return {
        ...connection,
        async call(use, signal) {
          await new Promise<void>((resolve) => waiting.push(resolve));
          underWay++;
          try {
            return await connection.call(use, signal);
          } finally {
            underWay--;
          }
        },
        get closed() {
          return connection.closed;
        },
      };
    },
    /** Opens for one request after the other until the work is done. */
    async run(work: Promise<unknown>): Promise<number> {
      let done = false;
      let steps = 0;
      const finished = work.finally(() => {
        done = true;
      });
      while (!done) {
        // Long enough for every writer to come as far as its next request.
        for (let turns = 0; turns < 4; turns++) await turn();
        if (underWay > 0 || waiting.length === 0) continue;
        const [open] = waiting.splice(choose(waiting.length), 1);
        open?.();
        steps++;
        while (underWay > 0) await turn();
      }
      await finished;
      return steps;
    },
  };
}

await suiteWithWeaviate("writers that meet at one document", {}, (weaviate) => {
  test(`an older one, two newer ones of one order and a delete end where the order says, in ${runs} mixtures of their requests`, async (context) => {
    const random = seeded(context);
    const settings = scratchSettings(weaviate());
    const store = createWeaviateStore(settings);
    await (await store.openWriter(identity)).close();
    const reader = await store.openReader(identity);
    const connection = createConnection(settings, "write");
    const expected = new Map<string, DocumentRow>();
    let steps = 0;
    try {
      for (let run = 0; run < runs; run++) {
        const uri = `gs://bucket/${run}`;
        const gate = createGate((count) => Math.floor(random() * count));
        const writer = () => createWriter(gate.guard(connection), settings, identity);
        const deletedAt = 1 + (run % 4);
        const twin = { version: "twin", fingerprint: run % 2 === 0 ? "f1" : "f2" };
        const writers = [
          () => writing(writer(), attempt(uri, 1), 2),
          () => writing(writer(), attempt(uri, 3), 3),
          // A second one at the same order: another content, or another program, or both.
          () => writing(writer(), attempt(uri, 3, run % 3 === 0 ? { fingerprint: "f2" } : twin), 3),
          () => deleting(writer(), attempt(uri, deletedAt)),
        ];
        const asking = createReader(gate.guard(connection), settings, identity);
        const committing = Promise.all(writers.map((write) => write()));
        let done = false;
        committing.then(
          () => {
            done = true;
          },
          () => {
            done = true;
          },
        );
        // Its requests are mixed with theirs: a commit may come between its search and its look at the manifest.
        const watching = (async () => {
          while (!done) await assertWhole(asking, uri, `run ${run}`);
        })();
        steps += await gate.run(Promise.all([committing, watching]));
        const last = (await committing).reduce<DocumentRow | undefined>(
          (best, { row }) => (supersedes(row, best) ? row : best),
          undefined,
        );
        if (last !== undefined) expected.set(uri, last);
        const [entry] = await reader.entries([uri]);
        assert.deepEqual(entry?.current, last, `run ${run}`);
      }
      context.diagnostic(`${steps} requests in all`);
    } finally {
      connection.close();
      await reader.close();
    }
    const { chunks, manifest } = await objectsOf(weaviate(), settings.collection);
    assert.deepEqual(
      manifest.map(({ properties }) => `${properties["uri"]} ${properties["state"]}`).sort(),
      [...expected].map(([uri, { state }]) => `${uri} ${state}`).sort(),
      "one row is left of each document",
    );
    assert.deepEqual(
      chunks.map(({ properties }) => `${properties["attempt"]} ${properties["ordinal"]}`).sort(),
      [...expected.values()]
        .flatMap((each) => Array.from({ length: each.chunks }, (_, ordinal) => `${each.attempt} ${ordinal}`))
        .sort(),
      "the chunks of the current rows are left, and no others",
    );
  });

  test("two that write the same version end with all of it, though one gives up in the middle", async (context) => {
    const random = seeded(context);
    const settings = scratchSettings(weaviate());
    const store = createWeaviateStore(settings);
    await (await store.openWriter(identity)).close();
    const reader = await store.openReader(identity);
    const connection = createConnection(settings, "write");
    try {
      for (let run = 0; run < 20; run++) {
        const gate = createGate((count) => Math.floor(random() * count));
        const same = attempt(`gs://bucket/same-${run}`, 1);
        const [finishing, failing] = [0, 1].map(() => createWriter(gate.guard(connection), settings, identity));
        assert.ok(finishing && failing);
        const fail = async () => {
          const open = failing.begin(same);
          await open.put(chunksOf(same, 2, 16));
          await open.abandon();
        };
        await gate.run(Promise.all([writing(finishing, same, 3), fail()]));
        const hits = await reader.search({
          mode: "vector",
          limit: 9,
          vector: vectorOf("any", 16),
          filter: { uri: same.uri },
        });
        assert.equal(hits.length, 3, `run ${run}`);
      }
    } finally {
      connection.close();
      await reader.close();
    }
  });
});

async function writing(writer: StoreWriter, of: Attempt, chunks: number): Promise<Committed> {
  const open = writer.begin(of);
  for (const one of chunksOf(of, chunks, 16)) await open.put([one]);
  return await open.commit(commitOf(of, chunks));
}

async function deleting(writer: StoreWriter, of: Attempt): Promise<Committed> {
  const [removed] = await writer.remove([tombstone(of)]);
  assert.ok(removed !== undefined);
  return removed;
}

/** Whoever asks meanwhile gets one version with all of its chunks, or nothing. */
async function assertWhole(reader: StoreReader, uri: string, label: string): Promise<void> {
  const hits = await reader.search({
    mode: "vector",
    limit: 20,
    vector: vectorOf("any", 16),
    filter: { uri: `${uri}` },
  });
  const own = hits.filter((hit) => hit.uri === uri);
  const versions = new Set(own.map(({ version }) => version));
  assert.ok(versions.size <= 1, `${label}: one version, not ${[...versions].join(" and ")}`);
  const whole = own[0]?.version === "v1" ? 2 : 3;
  assert.ok(own.length === 0 || own.length === whole, `${label}: ${own.length} of ${whole} chunks`);
}
