import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { suite, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { vectorOf } from "../../src/adapters/store/contract/harness.ts";
import { openForWriting } from "../../src/adapters/store/sqlite/database.ts";
import { assertConsistent } from "../../src/adapters/store/sqlite/integrity.testing.ts";
import { neverInterrupted } from "../../src/adapters/store/sqlite/interrupt.ts";
import { createReader } from "../../src/adapters/store/sqlite/reader.ts";
import { createWriter, type IndexWriter } from "../../src/adapters/store/sqlite/writer.ts";
import { openAttempt } from "../../src/core/attempt.ts";
import { IsthmusError } from "../../src/core/errors.ts";
import { compareRows, supersedes } from "../../src/core/order.ts";
import type { StoreWriter } from "../../src/core/ports.ts";
import type { Commit, Committed } from "../../src/core/types.ts";
import {
  type Actor,
  type Adversary,
  actors,
  exhaustively,
  identity,
  meetings,
  mixtures,
  uri,
} from "../support/meetings.ts";

/** So few chunks wait in memory that some of every document are staged in the tables. */
const bufferedChunks = 2;

/** One connection to the file: a process, as far as the file knows. What it is asked waits for the adversary. */
class Handle {
  readonly waiting: { readonly serve: () => void; readonly leave: () => void }[] = [];
  dead = false;
  #database: DatabaseSync | undefined;
  #writer: IndexWriter | undefined;
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** Opened by its first call, which shuts out every handle that was opened before. */
  get #opened(): IndexWriter {
    if (this.#writer === undefined) {
      this.#database = openForWriting(this.#file, identity);
      this.#writer = createWriter(this.#database, bufferedChunks);
    }
    return this.#writer;
  }

  #ask<Value>(call: (writer: IndexWriter) => Value): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (this.dead) return;
      const serve = () => {
        try {
          resolve(call(this.#opened));
        } catch (error) {
          reject(error);
        }
      };
      // Done, or refused, and nobody lives to hear of it.
      const leave = () => {
        try {
          call(this.#opened);
        } catch (error) {
          assert.ok(isShutOut(error), String(error));
        }
      };
      this.waiting.push({ serve, leave });
    });
  }

  /** As the system does for a process that dies: nothing is said, and the connection is gone. */
  die(): void {
    this.dead = true;
    this.waiting.length = 0;
    this.close();
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  /** The port, as far as actors use it. */
  port(numbers: () => number): StoreWriter {
    const unused = () => assert.fail("no actor asks for it");
    return {
      begin: (of) => {
        const number = numbers();
        return openAttempt(String(number), of, identity.dimensions, {
          put: (chunks) => this.#ask((writer) => writer.put(number, chunks)),
          commit: (commit) => this.#ask((writer) => writer.commit(number, commit)),
          abandon: () => this.#ask((writer) => writer.abandon(number)),
        });
      },
      remove: (tombstones) => this.#ask((writer) => writer.remove(tombstones)),
      entries: (uris) => this.#ask((writer) => writer.entries(uris)),
      recordFailure: unused,
      clearFailures: unused,
      hold: unused,
      release: unused,
      removedLately: unused,
      held: unused,
      vectors: unused,
      page: unused,
      count: unused,
      close: unused,
    };
  }
}

function isShutOut(error: unknown): boolean {
  return error instanceof IsthmusError && error.code === "store_locked";
}

interface Play {
  readonly met: readonly Actor[];
  /** All actors write through one handle, or each through one of its own. */
  readonly together: boolean;
  readonly dying?: boolean;
}

/** Lets the actors write to one file in the adversary's order, then checks what must hold whatever it did. */
async function play(adversary: Adversary, { met, together, dying = false }: Play): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), "isthmus-met-"));
  const file = join(directory, "index.sqlite");
  openForWriting(file, identity).close();
  const shared = new Handle(file);
  const handles = met.map(() => (together ? shared : new Handle(file)));
  const told: Committed[] = [];
  const possible: Commit[] = [];
  const failures: unknown[] = [];
  let ended = 0;
  let numbers = 0;
  try {
    for (const [index, actor] of met.entries()) {
      void actor(
        (handles[index] ?? shared).port(() => ++numbers),
        (row) => possible.push(row),
      )
        .then(
          (committed) => committed !== undefined && told.push(committed),
          (error: unknown) => failures.push(error),
        )
        .finally(() => {
          ended++;
        });
    }
    const reader = createReader({ file, identity, rangeKeys: [], cacheBytes: 2 ** 20 }, neverInterrupted);
    let steps = 0;
    for (;;) {
      for (let turns = 0; turns < 4; turns++) await turn();
      const ready = [...new Set(handles)].flatMap((handle) => handle.waiting.map((_, at) => ({ handle, at })));
      const next = ready[ready.length > 1 ? adversary(ready.length) : 0];
      if (next === undefined) break;
      steps++;
      const [request] = next.handle.waiting.splice(next.at, 1);
      const death = dying ? adversary(10) : 9;
      if (death > 1) request?.serve();
      // Before its request, or after it and before the answer.
      if (death === 1) request?.leave();
      if (death <= 1) next.handle.die();
      assertWhole(reader);
    }
    const lost = handles.some(({ dead }) => dead);
    assert.ok(lost || ended === met.length, "every actor has ended");
    // Whoever is shut out by a later writer learns it, and has written nothing since.
    for (const error of failures) {
      assert.ok(!together && isShutOut(error), String(error));
    }
    reader.close();
    for (const handle of handles) handle.close();
    check(file, told, possible);
    return steps;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** One version with all of its chunks, or nothing, in every answer. */
function assertWhole(reader: ReturnType<typeof createReader>): void {
  const hits = reader.search({ mode: "vector", limit: 50, vector: vectorOf("any", identity.dimensions) });
  const versions = new Set(hits.map(({ version }) => version));
  assert.ok(versions.size <= 1, `one version, not ${[...versions].join(" and ")}`);
  assert.ok(hits.length === 0 || hits.length === 3, `${hits.length} of 3 chunks`);
}

function check(file: string, told: readonly Committed[], possible: readonly Commit[]): void {
  const database = openForWriting(file, identity);
  const [entry] = createWriter(database).entries([uri]);
  const current = entry?.current;
  database.close();
  for (const { row, supersededBy } of told) {
    assert.ok(current !== undefined && compareRows(row, current) <= 0, "no commit that was heard of is forgotten");
    if (supersededBy !== undefined) assert.ok(supersedes(supersededBy, row), "whoever lost is told of a greater row");
  }
  if (current !== undefined) {
    const known = possible.some((row) => row.version === current.version && row.state === current.state);
    assert.ok(known, "the current row is one that was committed");
  }
  const documents = current?.state === "indexed" ? 1 : 0;
  assert.deepEqual(assertConsistent(file, identity), { documents, chunks: current?.chunks ?? 0 });
}

suite("writers that meet in one SQLite file", () => {
  for (const together of [true, false]) {
    const how = together ? "one process" : "processes of their own";
    for (const [name, met, { calls: least }] of meetings) {
      test(`${name}, ${how}: every order of their calls`, async (context) => {
        const plays = await exhaustively((adversary) => play(adversary, { met, together }));
        context.diagnostic(`${plays} orders`);
        assert.ok(plays >= least, `only ${plays} orders`);
      });
    }
    test(`any three or four of them, ${how}: 60 mixtures`, async (context) => {
      context.diagnostic(await mixtures(60, (adversary, met) => play(adversary, { met, together })));
    });
  }

  test("any three or four of them, in processes that die at any step: 120 mixtures", async (context) => {
    context.diagnostic(await mixtures(120, (adversary, met) => play(adversary, { met, together: false, dying: true })));
  });

  test("one process dies with all that it has in hand, at every step", async (context) => {
    const met = [actors.twin, actors.upgraded, actors.deletingOlder];
    context.diagnostic(await mixtures(40, (adversary) => play(adversary, { met, together: true, dying: true })));
  });
});
