import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { failsWith } from "../../../test/support/parser/parse.ts";
import { decodeText } from "./decode.ts";

test("byte order marks choose the encoding and are left out", () => {
  const bigEndian = Buffer.from("\ufeffhé😀", "utf16le").swap16();
  for (const bytes of [
    Buffer.from("\ufeffhé😀"),
    Buffer.from("\ufeffhé😀", "utf16le"),
    bigEndian,
    Buffer.from("hé😀"),
  ]) {
    assert.equal(decodeText(bytes, "x"), "hé😀");
  }
});

test("broken UTF-16 is refused", () => {
  const half = Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x41, 0x00]);
  assert.throws(() => decodeText(half, "x"), failsWith("content_encoding", /UTF-16LE/));
});

test("the error names the first bad byte, wherever it stands", () => {
  const text = fc.array(fc.constantFrom("a", "é", "€", "😀"), { maxLength: 40 }).map((units) => units.join(""));
  const padding = fc.constantFrom(0, 65_530, 65_534, 65_536, 131_071);
  fc.assert(
    fc.property(padding, text, fc.constantFrom(0x80, 0xc0, 0xff, 0xf8), text, (pad, before, bad, after) => {
      const good = Buffer.from("x".repeat(pad) + before);
      const bytes = Buffer.concat([good, Buffer.of(bad), Buffer.from(after)]);
      assert.throws(
        () => decodeText(bytes, "x"),
        failsWith("content_encoding", new RegExp(`offset ${good.length}\\)`)),
      );
    }),
    { numRuns: 60 },
  );
});

test("a character that the end cuts off is a bad byte too", () => {
  const cut = Buffer.from("ab€").subarray(0, 4);
  assert.throws(() => decodeText(cut, '"a.txt"'), failsWith("content_encoding", /^"a\.txt" .*offset 2\).*UTF-8/));
});
