import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Source } from "../../core/ports.ts";
import type { ObjectRef } from "../../core/types.ts";
import { bytesOf, bytesRead, hasCode, listed } from "./testing.ts";

/** One source with the means to change what it reads; each test gets its own, empty. */
export interface SourceHarness {
  /** Its scope is a prefix. */
  readonly source: Source;
  /** Writes an object whole; `name` is relative to the scope and may hold slashes. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
  /** The URI of the object of that name. */
  uri(name: string): string;
  /** Writes an object outside the scope whose URI begins as the scope does: `docs-old/name` beside `docs/`. */
  writeBeside(name: string, bytes: Uint8Array): Promise<void>;
  /** The URI of such an object. */
  uriBeside(name: string): string;
  close(): Promise<void>;
}

const names = ["plain.txt", "in/a/folder.md", "ünï cødé.txt", "😀.txt", "a%20b#c&d=e+f.txt", "with space .txt"];
/** Of many blocks, so that a read can be met in the middle. */
const largeBytes = 4 * 2 ** 20;
const hugeBytes = 32 * 2 ** 20;
/** What an adapter may hold of an object whose reader has stopped pulling. */
const readAheadBytes = 8 * 2 ** 20;

/** What every `Source` promises; see core/ports.ts. `create` gives a fresh harness. */
export function sourceContract(name: string, create: () => Promise<SourceHarness>): void {
  const promise = (title: string, body: (harness: SourceHarness) => Promise<void>) =>
    test(title, async () => {
      const harness = await create();
      try {
        await body(harness);
      } finally {
        await harness.close();
      }
    });

  describe(`${name} keeps the promises of a source`, () => {
    promise("an empty scope lists nothing", async ({ source }) => {
      assert.ok(source.scope.endsWith("/"));
      assert.deepEqual(await listed(source), []);
    });

    promise("what was written is listed, found and read", async (harness) => {
      for (const [index, each] of names.entries()) await harness.write(each, bytesOf(`text ${index}`));
      const refs = await listed(harness.source);
      assert.deepEqual(refs.map((ref) => ref.uri).toSorted(), names.map((each) => harness.uri(each)).toSorted());
      for (const [index, each] of names.entries()) {
        const ref = refs.find(({ uri }) => uri === harness.uri(each));
        assert.ok(ref);
        assert.ok(ref.uri.startsWith(harness.source.scope));
        assert.equal(ref.size, bytesOf(`text ${index}`).length);
        assert.equal(new Date(ref.updatedAt).toISOString(), ref.updatedAt);
        assert.deepEqual(await harness.source.head(ref.uri), ref);
        assert.deepEqual(await bytesRead(harness.source, ref), bytesOf(`text ${index}`));
      }
    });

    promise("an empty object is an object", async (harness) => {
      await harness.write("empty.txt", new Uint8Array());
      const ref = await found(harness, "empty.txt");
      assert.equal(ref.size, 0);
      assert.equal((await bytesRead(harness.source, ref)).length, 0);
    });

    promise("the version stays while nothing is written, and changes with the bytes", async (harness) => {
      await harness.write("a.txt", bytesOf("one"));
      const first = await found(harness, "a.txt");
      assert.equal((await found(harness, "a.txt")).version, first.version);
      assert.equal((await listed(harness.source))[0]?.version, first.version);
      await harness.write("a.txt", bytesOf("two"));
      const second = await found(harness, "a.txt");
      assert.notEqual(second.version, first.version);
      assert.equal((await listed(harness.source))[0]?.version, second.version);
    });

    promise("a removed object is neither listed nor found", async (harness) => {
      await harness.write("stays.txt", bytesOf("stays"));
      await harness.write("goes.txt", bytesOf("goes"));
      await harness.remove("goes.txt");
      assert.deepEqual(
        (await listed(harness.source)).map((ref) => ref.uri),
        [harness.uri("stays.txt")],
      );
      assert.equal(await harness.source.head(harness.uri("goes.txt")), undefined);
    });

    promise("a neighbour whose name begins alike is no part of the scope", async (harness) => {
      await harness.write("a.txt", bytesOf("inside"));
      await harness.writeBeside("a.txt", bytesOf("outside"));
      assert.deepEqual(
        (await listed(harness.source)).map((ref) => ref.uri),
        [harness.uri("a.txt")],
      );
      assert.ok(!harness.uriBeside("a.txt").startsWith(harness.source.scope));
      assert.equal(await harness.source.head(harness.uriBeside("a.txt")), undefined);
    });

    promise("what is no URI of an object in scope is not found", async ({ source }) => {
      for (const uri of [source.scope, `${source.scope}missing.txt`, `${source.scope}a/../../b`, "nonsense", ""]) {
        assert.equal(await source.head(uri), undefined, uri);
      }
    });

    promise("a read of a version that was overwritten before is refused or gives that version", async (harness) => {
      await harness.write("a.txt", bytesOf("before"));
      const before = await found(harness, "a.txt");
      await harness.write("a.txt", bytesOf("after!"));
      await pinned(harness.source, before, bytesOf("before"));
    });

    promise("a read of a version that is overwritten meanwhile is refused or gives that version", async (harness) => {
      const before = largeObject(1);
      await harness.write("large.txt", before);
      const ref = await found(harness, "large.txt");
      const reading = harness.source.read(ref)[Symbol.asyncIterator]();
      const first = await reading.next();
      assert.ok(first.done !== true);
      await harness.write("large.txt", largeObject(2));
      await pinned({ read: () => rest(first.value, reading) }, ref, before);
    });

    promise("a read of an object that is removed is refused or gives its version", async (harness) => {
      await harness.write("a.txt", bytesOf("before"));
      const ref = await found(harness, "a.txt");
      await harness.remove("a.txt");
      await pinned(harness.source, ref, bytesOf("before"));
    });

    promise("a large object is read as it is pulled, not ahead", async (harness) => {
      await harness.write("huge.txt", largeObject(1, hugeBytes));
      const ref = await found(harness, "huge.txt");
      globalThis.gc?.();
      const before = process.memoryUsage().arrayBuffers;
      const reading = harness.source.read(ref)[Symbol.asyncIterator]();
      await reading.next();
      // Time enough for an adapter that does read ahead to take in far more than it may.
      for (let turn = 0; turn < 20; turn++) await sleep(10);
      assert.ok(process.memoryUsage().arrayBuffers - before < readAheadBytes, "the source reads ahead of its consumer");
      let size = 0;
      for await (const block of harness.source.read(ref)) size += block.length;
      assert.equal(size, hugeBytes);
      await reading.return?.();
    });

    promise("a consumer may stop early", async (harness) => {
      for (let index = 0; index < 50; index++) await harness.write(`${index}.txt`, bytesOf(`text ${index}`));
      await harness.write("large.txt", largeObject(1));
      for await (const _ of harness.source.list()) break;
      for await (const _ of harness.source.read(await found(harness, "large.txt"))) break;
      assert.equal((await listed(harness.source)).length, 51);
    });

    promise("the signal stops a listing and a read", async (harness) => {
      await harness.write("large.txt", largeObject(1));
      for (let index = 0; index < 50; index++) await harness.write(`${index}.txt`, bytesOf(`text ${index}`));
      const ref = await found(harness, "large.txt");
      await assert.rejects(drain(harness.source.list(AbortSignal.abort())), hasCode("cancelled"));
      await assert.rejects(drain(harness.source.read(ref, AbortSignal.abort())), hasCode("cancelled"));
      const controller = new AbortController();
      const reading = async () => {
        for await (const _ of harness.source.read(ref, controller.signal)) controller.abort();
      };
      await assert.rejects(reading(), hasCode("cancelled"));
    });
  });
}

async function found(harness: SourceHarness, name: string): Promise<ObjectRef> {
  const ref = await harness.source.head(harness.uri(name));
  assert.ok(ref, `${name} is not found`);
  return ref;
}

/** Either the whole of that version, or `source_changed`: never anything else as if it were whole. */
async function pinned(source: Pick<Source, "read">, ref: ObjectRef, bytes: Uint8Array): Promise<void> {
  let read: Uint8Array;
  try {
    read = await bytesRead(source, ref);
  } catch (error) {
    assert.ok(hasCode("source_changed")(error));
    return;
  }
  assert.ok(Buffer.from(bytes).equals(read), "other bytes than those of the version were given as whole");
}

async function* rest(first: Uint8Array, reading: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await reading.next(); next.done !== true; next = await reading.next()) yield next.value;
}

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

/** Differs in every block, so that no mixture of two has the hash of one. */
function largeObject(seed: number, size = largeBytes): Uint8Array {
  return new Uint8Array(size).fill(seed);
}
