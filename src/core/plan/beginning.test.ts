import assert from "node:assert/strict";
import { test } from "node:test";
import { beginningOf, wholeLines } from "./beginning.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("the stream is left at the limit, and not asked for more", async () => {
  let asked = 0;
  let closed = false;
  async function* stream() {
    try {
      for (;;) {
        asked++;
        yield new Uint8Array(10_000);
      }
    } finally {
      closed = true;
    }
  }
  const beginning = beginningOf(stream(), 25_000);
  let size = 0;
  for await (const piece of beginning.bytes) {
    size += piece.length;
    assert.equal(beginning.taken, size);
  }
  assert.deepEqual([size, asked, closed, beginning.cut, beginning.ended], [25_000, 3, true, true, true]);
});

test("a stream shorter than the limit is whole, and not cut", async () => {
  async function* stream() {
    yield bytes("abc");
  }
  const beginning = beginningOf(stream(), 100);
  for await (const _ of beginning.bytes) assert.equal(beginning.ended, false);
  assert.deepEqual([beginning.taken, beginning.cut, beginning.ended], [3, false, true]);
});

test("a cut text ends at a line, or else at a whole character", () => {
  const text = (cut: Uint8Array) => new TextDecoder("utf-8", { fatal: true }).decode(wholeLines(cut));
  assert.equal(text(bytes("one\ntwo\nth")), "one\ntwo\n");
  assert.equal(text(bytes("a\nno line end for long")), "a\nno line end for long");
  for (const letters of ["abcé", "abc€", "abc😀"]) {
    const whole = bytes(letters);
    for (let end = 3; end < whole.length; end++) assert.equal(text(whole.subarray(0, end)), "abc", letters);
  }
  assert.equal(wholeLines(Uint8Array.of(0xff, 0xfe, 0x61, 0, 0x62)).length, 4);
});
