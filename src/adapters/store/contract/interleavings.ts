import assert from "node:assert/strict";
import { supersedes } from "../../../core/order.ts";
import type { OpenAttempt } from "../../../core/ports.ts";
import type { Attempt, Committed, DocumentRow } from "../../../core/types.ts";
import { attempt, type Bench, type ContractTest, chunksOf, commitOf, tombstone, visible } from "./harness.ts";

interface Step {
  readonly name: string;
  run(bench: Bench): Promise<Committed | undefined>;
}

type Actor = (uri: string) => Step[];

const older: Actor = (uri) => writing(attempt(uri, 1));
const newer: Actor = (uri) => writing(attempt(uri, 3));
const other: Actor = (uri) => writing(attempt(uri, 3, { version: "other" }));
const upgraded: Actor = (uri) => writing(attempt(uri, 3, { fingerprint: "f2" }));
const abandoning: Actor = (uri) => writing(attempt(uri, 3), true);

const meetings: readonly (readonly [string, readonly Actor[]])[] = [
  ...[1, 2, 3, 4].map((order): [string, Actor[]] => [
    `an older and a newer attempt and a delete at order ${order}`,
    [older, newer, (uri) => [deleting(uri, order)]],
  ]),
  ["two attempts at one order, of two versions, and a delete", [newer, other, (uri) => [deleting(uri, 3)]]],
  ["two attempts at one order, under two fingerprints, and an older one", [newer, upgraded, older]],
  ["two attempts at the very same, and one that is given up", [newer, newer, abandoning]],
];

/** Whatever the order of their steps, attempts and deletes end where the manifest's rule says. */
export const interleavingTests: readonly ContractTest[] = meetings.map(([name, actors]) => [
  `${name}, in every interleaving`,
  async (bench) => {
    const lengths = actors.map((actor) => actor("file:///").length);
    const orders = [...interleavings(lengths.map((length, at) => Array.from({ length }, () => at)))];
    assert.equal(orders.length, factorial(sum(lengths)) / lengths.reduce((all, length) => all * factorial(length), 1));
    for (const [number, order] of orders.entries()) {
      const uri = `file:///${number}/x`;
      const next = actors.map((actor) => actor(uri));
      const done: string[] = [];
      let expected: DocumentRow | undefined;
      for (const actor of order) {
        const step = next[actor]?.shift();
        assert.ok(step !== undefined);
        const committed = await step.run(bench);
        done.push(step.name);
        if (committed !== undefined && supersedes(committed.row, expected)) expected = committed.row;
        const told = committed?.supersededBy ?? committed?.row;
        if (told !== undefined) assert.deepEqual(told, expected, `${done.join(", ")}: who won is told`);
        await expectState(bench, uri, expected, done.join(", "));
      }
    }
  },
]);

async function expectState(bench: Bench, uri: string, expected: DocumentRow | undefined, done: string): Promise<void> {
  const [entry] = await bench.reader.entries([uri]);
  assert.deepEqual(entry?.current, expected, done);
  const shown = expected?.state === "indexed" ? [0, 1].map((at) => `${uri} ${expected.version} ${at}`) : [];
  assert.deepEqual(await visible(bench, uri), shown, done);
}

function writing(of: Attempt, givesUp = false): Step[] {
  let open: OpenAttempt | undefined;
  const name = `${of.order.generation} ${of.version} ${of.fingerprint}`;
  return [
    {
      name: `put ${name}`,
      async run({ writer, identity }) {
        open = writer.begin(of);
        await open.put(chunksOf(of, 2, identity.dimensions));
        return undefined;
      },
    },
    {
      name: `${givesUp ? "abandon" : "commit"} ${name}`,
      async run() {
        if (!givesUp) return await open?.commit(commitOf(of, 2));
        await open?.abandon();
        return undefined;
      },
    },
  ];
}

function deleting(uri: string, generation: number): Step {
  return {
    name: `delete ${generation}`,
    async run({ writer }) {
      const [committed] = await writer.remove([tombstone(attempt(uri, generation))]);
      return committed;
    },
  };
}

/** Every way to merge the lists that keeps the order inside each. */
function* interleavings(lists: readonly (readonly number[])[]): Generator<number[]> {
  if (lists.every((list) => list.length === 0)) yield [];
  for (const [at, list] of lists.entries()) {
    const [head, ...tail] = list;
    if (head === undefined) continue;
    for (const rest of interleavings(lists.with(at, tail))) yield [head, ...rest];
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
const factorial = (of: number): number => (of < 2 ? 1 : of * factorial(of - 1));
