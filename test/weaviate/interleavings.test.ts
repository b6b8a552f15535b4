import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { attempt, chunk, row, tombstone, vectorOf } from "../../src/adapters/store/contract/harness.ts";
import { type Connection, createConnection } from "../../src/adapters/store/weaviate/connection.ts";
import { attemptId } from "../../src/adapters/store/weaviate/ids.ts";
import { createReader } from "../../src/adapters/store/weaviate/reader.ts";
import { createWeaviateStore } from "../../src/adapters/store/weaviate/store.ts";
import { createWriter } from "../../src/adapters/store/weaviate/writer.ts";
import { commit } from "../../src/core/ingest/document.ts";
import { supersedes } from "../../src/core/order.ts";
import type { StoreReader } from "../../src/core/ports.ts";
import type { DocumentRow } from "../../src/core/types.ts";
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
  test(`an older one, a newer one and a delete end where the order says, in ${runs} mixtures of their requests`, async (context) => {
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
        const rows = [row(attempt(uri, 1), 2), row(attempt(uri, 3), 3), tombstone(attempt(uri, deletedAt))];
        const asking = createReader(gate.guard(connection), settings, identity);
        const writing = Promise.all(
          rows.map(async (each) => {
            const own = writer();
            const chunks = Array.from({ length: each.chunks }, (_, ordinal) => chunk(each, ordinal, 16));
            for (const one of chunks) await own.put(each, [one]);
            await commit({ writer: own }, each);
          }),
        );
        let done = false;
        writing.then(
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
        steps += await gate.run(Promise.all([writing, watching]));
        const last = rows.reduce<DocumentRow | undefined>(
          (best, each) => (supersedes(each, best) ? each : best),
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
        .flatMap((each) => Array.from({ length: each.chunks }, (_, ordinal) => `${attemptId(each)} ${ordinal}`))
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
        const same = row(attempt(`gs://bucket/same-${run}`, 1), 3);
        const chunks = Array.from({ length: same.chunks }, (_, ordinal) => chunk(same, ordinal, 16));
        const [finishing, failing] = [0, 1].map(() => createWriter(gate.guard(connection), settings, identity));
        assert.ok(finishing && failing);
        const finish = async () => {
          for (const one of chunks) await finishing.put(same, [one]);
          await commit({ writer: finishing }, same);
        };
        const fail = async () => {
          await failing.put(same, chunks.slice(0, 2));
          await failing.discard(same);
        };
        await gate.run(Promise.all([finish(), fail()]));
        const hits = await reader.search({
          mode: "vector",
          limit: 9,
          vector: vectorOf("any", 16),
          filter: { uri: same.uri },
        });
        assert.equal(hits.length, same.chunks, `run ${run}`);
      }
    } finally {
      connection.close();
      await reader.close();
    }
  });
});

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
