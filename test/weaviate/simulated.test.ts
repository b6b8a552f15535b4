import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { chunksOf, commitOf, vectorOf } from "../../src/adapters/store/contract/harness.ts";
import { createAudit } from "../../src/adapters/store/weaviate/audit.ts";
import { fixedKey } from "../../src/adapters/store/weaviate/keys.ts";
import { createReader } from "../../src/adapters/store/weaviate/reader.ts";
import { manifestCollection, type WeaviateSettings } from "../../src/adapters/store/weaviate/settings.ts";
import { createWriter } from "../../src/adapters/store/weaviate/writer.ts";
import { compareRows, supersedes } from "../../src/core/order.ts";
import type { StoreAudit, StoreReader } from "../../src/core/ports.ts";
import type { Commit, Committed, DocumentRow } from "../../src/core/types.ts";
import {
  type Actor,
  type Adversary,
  at,
  exhaustively,
  identity,
  meetings,
  mixtures,
  uri,
} from "../support/meetings.ts";
import { SimulatedWeaviate } from "../support/simulated-weaviate.ts";

const settings: WeaviateSettings = {
  url: "http://simulated:8080",
  grpcUrl: "http://simulated:50051",
  keys: fixedKey(undefined),
  collection: "Simulated",
  replicationFactor: 1,
  readConsistency: "QUORUM",
  writeConsistency: "QUORUM",
  rangeKeys: [],
  timeoutMs: 1_000,
  // As long as the adversary loses answers, on a machine however slow.
  patience: { totalMs: 600_000, baseMs: 0.001, maxMs: 0.001 },
};

interface Play {
  readonly met: readonly Actor[];
  readonly replicas?: 1 | 3;
  readonly losing?: boolean;
  readonly dying?: boolean;
  readonly watching?: boolean;
}

/** Runs the actors against a server of the adversary's, then checks what must hold whatever the adversary did. */
async function play(adversary: Adversary, { met, replicas = 1, losing, dying, watching }: Play): Promise<number> {
  const server = new SimulatedWeaviate(adversary, replicas);
  const told: Committed[] = [];
  const possible: Commit[] = [];
  const failures: unknown[] = [];
  const ended = new Set<string>();
  for (const [index, actor] of met.entries()) {
    const name = `actor ${index}`;
    const writer = createWriter(server.connect(name), settings, identity);
    void actor(writer, (row) => possible.push(row))
      .then(
        (committed) => committed !== undefined && told.push(committed),
        (error: unknown) => failures.push(error),
      )
      .finally(() => {
        ended.add(name);
      });
  }
  const alive = () => met.some((_, index) => !ended.has(`actor ${index}`) && !server.isDead(`actor ${index}`));
  const reader = createReader(server.connect("reader"), settings, identity);
  const watch = watching === true ? watchWhole(reader, alive) : Promise.resolve();
  watch.catch(() => undefined);
  await serve(server, alive, { losing: losing === true, dying: dying === true });
  await finish(server, watch);
  assert.deepEqual(failures, []);
  server.heal();
  // Whoever comes next cleans up behind those who died.
  const next = createWriter(server.connect("next"), settings, identity);
  const [entry] = await finish(server, next.entries([uri]));
  // What the dead have put and never committed is all that a sweep finds, and it finds all of it.
  const audit = createAudit(server.connect("sweeper"), settings, identity);
  await finish(server, sweepAll(audit));
  server.heal();
  check(server, entry?.current, told, possible);
  return server.requests;
}

async function sweepAll(audit: StoreAudit): Promise<void> {
  for await (const strays of audit.strays()) await audit.sweep(strays);
}

/** Of a retry, and of a request that others may share, within which something comes: by the clock, not by turns. */
const longestIdleMs = 60_000;

/** Lets requests through until every actor has ended or died. */
async function serve(server: SimulatedWeaviate, alive: () => boolean, faults: { losing: boolean; dying: boolean }) {
  for (let last = performance.now(); alive(); ) {
    for (let turns = 0; turns < 4; turns++) await turn();
    if (server.waiting === 0) {
      assert.ok(performance.now() - last < longestIdleMs, "the actors wait for something that never comes");
      continue;
    }
    last = performance.now();
    server.step(faults);
  }
}

/** Serves what is left, in whatever order, until the work is done. */
async function finish<Result>(server: SimulatedWeaviate, work: Promise<Result>): Promise<Result> {
  let done = false;
  const finished = work.finally(() => {
    done = true;
  });
  finished.catch(() => undefined);
  while (!done) {
    for (let turns = 0; turns < 4; turns++) await turn();
    if (server.waiting > 0) server.step();
  }
  return await finished;
}

/** One version with all of its chunks, or nothing, in every answer. */
async function watchWhole(reader: StoreReader, on: () => boolean): Promise<void> {
  while (on()) {
    const hits = await reader.search({ mode: "vector", limit: 50, vector: vectorOf("any", identity.dimensions) });
    const versions = new Set(hits.map(({ version }) => version));
    assert.ok(versions.size <= 1, `one version, not ${[...versions].join(" and ")}`);
    const [entry] = hits;
    assert.ok(entry === undefined || hits.length === 3, `${hits.length} of 3 chunks`);
  }
}

function check(
  server: SimulatedWeaviate,
  current: DocumentRow | undefined,
  told: readonly Committed[],
  possible: readonly Commit[],
): void {
  for (const { row, supersededBy } of told) {
    assert.ok(current !== undefined && compareRows(row, current) <= 0, "no commit that was heard of is forgotten");
    if (supersededBy !== undefined) assert.ok(supersedes(supersededBy, row), "whoever lost is told of a greater row");
  }
  if (current !== undefined) {
    const known = possible.some((row) => row.version === current.version && row.state === current.state);
    assert.ok(known, "the current row is one that was committed");
  }
  const chunks = server.objects(settings.collection);
  assert.ok(
    chunks.every((chunk) => chunk["attempt"] === current?.attempt),
    "nothing is left of any other attempt",
  );
  assert.equal(chunks.length, current?.chunks ?? 0, "the current row has all of its chunks, and each once");
  const rows = server.objects(manifestCollection(settings));
  assert.ok(rows.length <= 1, "one row is left");
}

suite("writers that meet in a simulated Weaviate", () => {
  for (const [name, met, { requests: least }] of meetings) {
    test(`${name}: every order of their requests`, async (context) => {
      const plays = await exhaustively((adversary) => play(adversary, { met }));
      context.diagnostic(`${plays} orders`);
      assert.ok(plays >= least, `only ${plays} orders`);
    });
  }

  test("an attempt that was too long without progress commits nothing, and leaves nothing", async () => {
    const server = new SimulatedWeaviate(() => 0);
    // A lease that is over at once: so it is for a machine that slept for hours between a chunk and its commit.
    const writer = createWriter(server.connect("sleeper"), { ...settings, leaseMs: 0 }, identity);
    const open = writer.begin(at(1));
    await finish(server, open.put(chunksOf(at(1), 2, identity.dimensions)));
    assert.equal(server.objects(settings.collection).length, 2);
    await turn();
    await assert.rejects(finish(server, open.commit(commitOf(at(1), 2))), { code: "attempt_expired" });
    assert.deepEqual(server.objects(settings.collection), []);
    assert.deepEqual(server.objects(manifestCollection(settings)), []);
  });

  const faults: readonly (readonly [string, Omit<Play, "met">, number])[] = [
    ["one replica, watched", { watching: true }, 400],
    ["three replicas, of which one may miss a write", { replicas: 3 }, 600],
    ["answers that are lost", { losing: true, replicas: 3 }, 400],
    ["processes that die at any request", { dying: true, losing: true, replicas: 3 }, 800],
  ];
  for (const [name, rest, runs] of faults) {
    test(`any three or four of them, ${name}: ${runs} mixtures`, async (context) => {
      context.diagnostic(await mixtures(runs, (adversary, met) => play(adversary, { met, ...rest })));
    });
  }
});
