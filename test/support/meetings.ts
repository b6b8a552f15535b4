import { attempt, chunksOf, commitOf, tombstone } from "../../src/adapters/store/contract/harness.ts";
import type { StoreWriter } from "../../src/core/ports.ts";
import type { Attempt, Commit, Committed } from "../../src/core/types.ts";
import { testSeed } from "./seed.ts";
import { createSeeded } from "./seeded.ts";

/** Decides what the real world leaves open. @returns a number below `count`. */
export type Adversary = (count: number) => number;

export const identity = { model: "test/model", dimensions: 8, revision: "1" };
export const uri = "gs://bucket/a";

/** What one process does to the document. Rows are noted before the commit is asked for: it may happen unheard. */
export type Actor = (writer: StoreWriter, note: (row: Commit) => void) => Promise<Committed | undefined>;

const writing =
  (of: Attempt, parts: readonly number[], { givesUp = false, second = 0 } = {}): Actor =>
  async (writer, note) => {
    const open = writer.begin(of);
    let from = 0;
    for (const count of parts) {
      await open.put(chunksOf(of, count, identity.dimensions, from));
      from += count;
    }
    if (givesUp) {
      await open.abandon();
      return undefined;
    }
    const commit = commitOf(of, from, { committedAt: `2026-01-02T00:00:0${second}.000Z` });
    note(commit);
    return await open.commit(commit);
  };

const deleting =
  (of: Attempt): Actor =>
  async (writer, note) => {
    note(tombstone(of));
    const [removed] = await writer.remove([tombstone(of)]);
    return removed;
  };

export const at = (order: number, rest: Partial<Attempt> = {}) => attempt(uri, order, rest);

/** The alphabet: every version that is written whole has three chunks. */
export const actors = {
  older: writing(at(1), [1, 2]),
  newer: writing(at(3), [3]),
  twin: writing(at(3, { version: "twin" }), [2, 1], { second: 1 }),
  upgraded: writing(at(3, { fingerprint: "f2" }), [3], { second: 2 }),
  again: writing(at(3), [3], { second: 3 }),
  givenUp: writing(at(3), [2], { givesUp: true }),
  /** As every run does before it decides: on Weaviate its look at the manifest cleans up behind others. */
  looking: (async (writer) => {
    await writer.entries([uri]);
    return undefined;
  }) satisfies Actor,
  deletingOlder: deleting(at(1)),
  deletingNewer: deleting(at(3)),
};

/** Which of them meet, and in how many orders at least. */
export const meetings: readonly (readonly [
  string,
  readonly Actor[],
  { readonly requests: number; readonly calls: number },
])[] = [
  ["two of one order and two versions", [actors.newer, actors.twin], { requests: 100, calls: 6 }],
  ["two of one order under two fingerprints", [actors.newer, actors.upgraded], { requests: 50, calls: 4 }],
  ["two of the very same", [actors.newer, actors.again], { requests: 50, calls: 4 }],
  ["an older one and a delete at its order", [actors.older, actors.deletingOlder], { requests: 100, calls: 4 }],
  ["a newer one and one that gives up", [actors.newer, actors.givenUp], { requests: 10, calls: 4 }],
  ["a newer one and somebody who looks", [actors.newer, actors.looking], { requests: 4, calls: 3 }],
];

/** Every sequence of choices, one after the other: the last choice that has another value takes it. */
export async function exhaustively(run: (adversary: Adversary) => Promise<unknown>): Promise<number> {
  let path: { chosen: number; count: number }[] = [];
  for (let plays = 1; ; plays++) {
    let depth = 0;
    const taken: typeof path = [];
    await run((count) => {
      const chosen = path[depth]?.chosen ?? 0;
      depth++;
      taken.push({ chosen, count });
      return chosen;
    });
    const last = taken.findLastIndex(({ chosen, count }) => chosen + 1 < count);
    if (last < 0) return plays;
    path = taken.slice(0, last + 1);
    const turned = path[last];
    if (turned !== undefined) path[last] = { chosen: turned.chosen + 1, count: turned.count };
  }
}

/** So many mixtures of three or four actors; a failure names the seed that repeats it. @returns what the plays add up to. */
export async function mixtures(
  runs: number,
  play: (adversary: Adversary, drawn: readonly Actor[]) => Promise<number>,
): Promise<string> {
  const all = Object.values(actors);
  let sum = 0;
  for (let run = 0; run < runs; run++) {
    const random = createSeeded(testSeed + run);
    const adversary: Adversary = (count) => Math.floor(random() * count);
    const drawn = Array.from({ length: 3 + adversary(2) }, () => all[adversary(all.length)] ?? actors.newer);
    try {
      sum += await play(adversary, drawn);
    } catch (error) {
      throw new Error(`seed ${testSeed + run} (ISTHMUS_TEST_SEED repeats it)`, { cause: error });
    }
  }
  return `${sum} steps, seeds from ${testSeed}`;
}
