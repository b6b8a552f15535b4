import assert from "node:assert/strict";
import { supersedes } from "../../../core/order.ts";
import type { DocumentRow } from "../../../core/types.ts";
import { attempt, type Bench, type ContractTest, chunk, row, tombstone, visible } from "./harness.ts";

interface Step {
  readonly name: string;
  /** The row that the step commits, if it does. */
  readonly commits?: DocumentRow;
  run(bench: Bench): Promise<void>;
}

/** Whatever the order of their steps, attempts and deletes end where the manifest's rule says. */
export const interleavingTests: readonly ContractTest[] = [1, 2, 3, 4].map((deleted) => [
  `an older and a newer attempt and a delete at order ${deleted}, in every interleaving`,
  async (bench) => {
    let number = 0;
    for (const order of interleavings([[0, 0], [1, 1, 1], [2]])) {
      number++;
      const uri = `file:///${number}/x`;
      const next = [writing(bench, uri, 1, false), writing(bench, uri, 3, true), [deleting(uri, deleted)]];
      const done: string[] = [];
      let expected: DocumentRow | undefined;
      for (const actor of order) {
        const step = next[actor]?.shift();
        assert.ok(step !== undefined);
        await step.run(bench);
        done.push(step.name);
        if (step.commits !== undefined && supersedes(step.commits, expected)) expected = step.commits;
        await expectState(bench, uri, expected, done.join(", "));
      }
    }
    assert.equal(number, 60);
  },
]);

async function expectState(bench: Bench, uri: string, expected: DocumentRow | undefined, done: string): Promise<void> {
  const [entry] = await bench.reader.entries([uri]);
  assert.deepEqual(entry?.current, expected, done);
  const shown = expected?.state === "indexed" ? [0, 1].map((at) => `${uri} ${expected.version} ${at}`) : [];
  assert.deepEqual(await visible(bench, uri), shown, done);
}

function writing(bench: Bench, uri: string, generation: number, retires: boolean): Step[] {
  const of = attempt(uri, generation);
  const chunks = [0, 1].map((ordinal) => chunk(of, ordinal, bench.identity.dimensions));
  const committed = row(of, 2);
  const steps: Step[] = [
    { name: `put ${generation}`, run: ({ writer }) => writer.put(of, chunks) },
    { name: `commit ${generation}`, commits: committed, run: ({ writer }) => writer.commit(committed) },
  ];
  if (retires) steps.push({ name: `retire ${generation}`, run: ({ writer }) => writer.retire(of) });
  return steps;
}

function deleting(uri: string, generation: number): Step {
  const of = tombstone(attempt(uri, generation));
  return { name: `delete ${generation}`, commits: of, run: ({ writer }) => writer.commit(of) };
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
