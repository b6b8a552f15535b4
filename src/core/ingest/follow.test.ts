import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate as immediate } from "node:timers/promises";
import { IsthmusError } from "../errors.ts";
import type { Change, Changes, Rescan } from "../ports.ts";
import { type Following, follow, type LotOptions } from "./follow.ts";
import type { Hinted, HintResult } from "./hints.ts";
import { createTally } from "./tally.ts";

const nothing = createTally(undefined).summary(false);

/** A queue in memory that notes how its changes end. */
function createQueue() {
  const told: (Change | Rescan)[] = [];
  const ends: string[] = [];
  let wake = Promise.withResolvers<void>();
  let over = false;
  const push = (each: Change | Rescan) => {
    told.push(each);
    wake.resolve();
  };
  const ending = (name: string) => ({ done: () => ends.push(`${name} done`), again: () => ends.push(`${name} again`) });
  const changes: Changes = {
    limits: { unsettled: 100 },
    async *listen(signal) {
      signal.addEventListener("abort", () => wake.resolve());
      while (!signal.aborted) {
        wake = Promise.withResolvers();
        const next = told.shift();
        if (next !== undefined) yield next;
        else if (over) return;
        else await wake.promise;
      }
    },
    async close() {},
  };
  return {
    changes,
    ends,
    hint(uri: string, generation?: number) {
      const ref = generation && { uri, version: `${generation}`, generation, size: 1, updatedAt: "" };
      const at = new Date().toISOString();
      push({ kind: "change", uri, reindex: false, delivery: 1, at, ...(ref && { ref }), ...ending(uri) });
    },
    rescan: () => push({ kind: "rescan", reason: "lost", ...ending("rescan") }),
    end() {
      over = true;
      wake.resolve();
    },
  };
}

/** Lots that end when the test says so. */
function createEngine() {
  const lots: { hints: readonly Hinted[]; tell: (result: HintResult) => void; end: (error?: Error) => void }[] = [];
  let came = Promise.withResolvers<void>();
  return {
    lots,
    async refresh(hints: readonly Hinted[], { onResult, signal }: LotOptions) {
      const ended = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => ended.resolve());
      lots.push({ hints, tell: onResult, end: (error) => (error ? ended.reject(error) : ended.resolve()) });
      came.resolve();
      await ended.promise;
      return signal.aborted ? { ...nothing, interrupted: true } : nothing;
    },
    async lot(index: number) {
      while (lots.length <= index) {
        came = Promise.withResolvers();
        await came.promise;
      }
      return lots[index] ?? assert.fail();
    },
  };
}

function following(context: TestContext, rest: Partial<Following> = {}) {
  const queue = createQueue();
  const engine = createEngine();
  const [stopping, giveUp] = [new AbortController(), new AbortController()];
  context.after(() => giveUp.abort());
  const ended = follow({
    changes: queue.changes,
    lotsInFlight: 4,
    refresh: engine.refresh,
    rescan: async () => nothing,
    stopping: stopping.signal,
    signal: giveUp.signal,
    random: () => 0,
    ...rest,
  });
  return { queue, engine, ended, stop: () => stopping.abort(), giveUp: () => giveUp.abort() };
}

const uris = (hints: readonly Hinted[]) => hints.map(({ uri }) => uri);
const turns = async (count = 10) => {
  for (let turn = 0; turn < count; turn++) await immediate();
};

test("what is told at once is one lot, each URI once, and a URI's changes end together", async (context) => {
  const { queue, engine, ended } = following(context);
  for (const uri of ["a", "b", "a", "a"]) queue.hint(uri);
  const lot = await engine.lot(0);
  assert.deepEqual(uris(lot.hints), ["a", "b"]);
  lot.tell({ uri: "a", outcome: "added" });
  assert.deepEqual(queue.ends, ["a done", "a done", "a done"]);
  lot.tell({ uri: "b", outcome: "added" });
  lot.end();
  queue.end();
  await ended;
  assert.equal(queue.ends.length, 4);
});

test("a URI that is in hand waits, and one beside it does not", async (context) => {
  const { queue, engine } = following(context);
  queue.hint("a");
  const first = await engine.lot(0);
  queue.hint("a");
  queue.hint("b");
  const second = await engine.lot(1);
  assert.deepEqual(uris(second.hints), ["b"]);
  first.tell({ uri: "a", outcome: "added" });
  assert.deepEqual(uris((await engine.lot(2)).hints), ["a"]);
  assert.deepEqual(queue.ends, ["a done"]);
});

test("objects told of one URI give the latest; a change without one asks the live object", async (context) => {
  const { queue, engine } = following(context);
  queue.hint("a", 1);
  queue.hint("a", 3);
  queue.hint("a", 2);
  queue.hint("b", 1);
  queue.hint("b");
  const { hints } = await engine.lot(0);
  assert.deepEqual(
    hints.map(({ uri, ref }) => [uri, ref?.generation]),
    [
      ["a", 3],
      ["b", undefined],
    ],
  );
});

test("a verdict ends a change, what may pass is told again, and neither holds up the others", async (context) => {
  const { queue, engine } = following(context);
  for (const uri of ["bad", "away", "good"]) queue.hint(uri);
  const lot = await engine.lot(0);
  lot.tell({ uri: "bad", outcome: "failed", error: new IsthmusError("parse_failed", "bad") });
  lot.tell({ uri: "away", outcome: "failed", error: new IsthmusError("source_unavailable", "away") });
  assert.deepEqual(queue.ends, ["bad done", "away again"]);
});

test("while the platform is away nothing ends; one URI asks whether it is back, then all go on", async (context) => {
  const told: string[] = [];
  const listener = { paused: (error: IsthmusError) => told.push(error.code), resumed: () => told.push("back") };
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { queue, engine } = following(context, { listener });
  for (const uri of ["a", "b", "c"]) queue.hint(uri);
  const first = await engine.lot(0);
  first.tell({ uri: "a", outcome: "added" });
  first.end(new IsthmusError("store_unavailable", "away"));
  await turns();
  queue.hint("d");
  await turns();
  assert.equal(engine.lots.length, 1);
  assert.deepEqual(queue.ends, ["a done"]);
  context.mock.timers.tick(30_000);
  const probe = await engine.lot(1);
  assert.equal(probe.hints.length, 1);
  probe.end(new IsthmusError("store_unavailable", "away"));
  await turns();
  context.mock.timers.tick(30_000);
  const second = await engine.lot(2);
  second.tell({ uri: uris(second.hints)[0] ?? "", outcome: "added" });
  second.end();
  const rest = await engine.lot(3);
  for (const uri of uris(rest.hints)) rest.tell({ uri, outcome: "added" });
  rest.end();
  await turns();
  assert.deepEqual(queue.ends.toSorted(), ["a done", "b done", "c done", "d done"]);
  assert.deepEqual(told, ["store_unavailable", "store_unavailable", "back"]);
});

test("a lot that would delete too much is told, ends, for it was set aside, and holds up nothing", async (context) => {
  const refused: string[] = [];
  const listener = { refused: (error: IsthmusError) => refused.push(error.code) };
  const { queue, engine } = following(context, { listener });
  queue.hint("a");
  queue.hint("gone");
  const lot = await engine.lot(0);
  lot.tell({ uri: "a", outcome: "added" });
  lot.end(new IsthmusError("mass_delete_refused", "too many"));
  await turns();
  queue.hint("b");
  await engine.lot(1);
  assert.deepEqual(queue.ends, ["a done", "gone done"]);
  assert.deepEqual(refused, ["mass_delete_refused"]);
});

test("a scan is alone with the place, and ends what waited for it", async (context) => {
  const scanned = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  let scans = 0;
  const rescan = async () => {
    scans++;
    begun.resolve();
    await scanned.promise;
    return nothing;
  };
  const { queue, engine } = following(context, { rescan });
  queue.hint("a");
  const first = await engine.lot(0);
  queue.rescan();
  queue.hint("b");
  await turns();
  assert.equal(scans, 0);
  first.tell({ uri: "a", outcome: "added" });
  first.end();
  await begun.promise;
  queue.hint("c");
  await turns();
  assert.equal(engine.lots.length, 1);
  scanned.resolve();
  assert.deepEqual(uris((await engine.lot(1)).hints), ["c"]);
  assert.deepEqual(queue.ends, ["a done", "b done", "rescan done"]);
});

test("stopping finishes what is in hand and begins nothing more; giving up ends nothing", async (context) => {
  const one = following(context);
  one.queue.hint("a");
  const lot = await one.engine.lot(0);
  one.stop();
  one.queue.hint("b");
  await turns();
  lot.tell({ uri: "a", outcome: "added" });
  lot.end();
  await one.ended;
  assert.deepEqual([one.queue.ends, one.engine.lots.length], [["a done"], 1]);
  const other = following(context);
  other.queue.hint("a");
  await other.engine.lot(0);
  other.stop();
  other.giveUp();
  await other.ended;
  assert.deepEqual(other.queue.ends, []);
});
