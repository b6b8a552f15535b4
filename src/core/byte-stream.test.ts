import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../test/support/fast-check.ts";
import { peekable } from "./byte-stream.ts";

/** A source that counts what was pulled from it and whether it was closed. */
function stream(pieces: readonly (readonly number[])[]) {
  const seen = { pulled: 0, open: 0, told: [] as number[] };
  async function* generate() {
    seen.open++;
    try {
      for (const piece of pieces) {
        seen.pulled++;
        yield Uint8Array.from(piece);
      }
    } finally {
      seen.open--;
    }
  }
  return { seen, bytes: peekable(generate(), (count) => seen.told.push(count)) };
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<number[]> {
  const all: number[] = [];
  for await (const piece of bytes) all.push(...piece);
  return all;
}

test("whatever is peeked at is still read, once, in order", async () => {
  const pieces = fc.array(fc.array(fc.nat(255), { maxLength: 5 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.nat(20), async (given, size) => {
      const { bytes, seen } = stream(given);
      const whole = given.flat();
      assert.deepEqual([...(await bytes.peek(size))], whole.slice(0, size));
      assert.deepEqual(await collect(bytes.rest()), whole);
      assert.deepEqual(
        seen.told,
        given.map((piece) => piece.length),
      );
    }),
  );
});

test("a peek pulls no more than it needs", async () => {
  const { bytes, seen } = stream([[1, 2], [3, 4], [5]]);
  assert.deepEqual([...(await bytes.peek(3))], [1, 2, 3]);
  assert.equal(seen.pulled, 2);
});

test("a drain reads what a reader left, and meets the error that comes after the last byte", async () => {
  const { bytes, seen } = stream([[1], [2], [3]]);
  for await (const piece of bytes.rest()) {
    assert.deepEqual([...piece], [1]);
    break;
  }
  await bytes.drain();
  assert.deepEqual(seen, { pulled: 3, open: 0, told: [1, 1, 1] });
  async function* changed() {
    yield Uint8Array.of(1);
    throw new Error("changed");
  }
  const failing = peekable(changed(), () => {});
  await failing.peek(1);
  await assert.rejects(failing.drain(), /changed/);
});

test("closing ends a source that was not read to its end, and one that was", async () => {
  const { bytes, seen } = stream([[1], [2], [3]]);
  await bytes.peek(1);
  assert.equal(seen.open, 1);
  await bytes.close();
  assert.deepEqual([seen.open, seen.pulled], [0, 1]);
  const other = stream([[1]]);
  await other.bytes.drain();
  await other.bytes.close();
  assert.equal(other.seen.open, 0);
});
