import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import { cutAt, documentsOf, failsWith, faultsOf, parseAll, sectionTexts } from "../../../test/support/parser/parse.ts";
import { createLinesParser } from "./lines.ts";

const parser = createLinesParser(1024);
const texts = async (content: string | Uint8Array | readonly Uint8Array[]) =>
  documentsOf(await parseAll(parser, content)).map(({ id, text }) => [id, text]);

test("a line is a document, known by its number; blank lines are skipped", async () => {
  assert.deepEqual(await texts("\ufeffone\r\n\n  \t\r\n two \nthree"), [
    ["1", "one"],
    ["4", "two"],
    ["5", "three"],
  ]);
  const [first] = documentsOf(await parseAll(parser, "one"));
  assert.ok(first);
  assert.deepEqual([first.title, sectionTexts(first)], ["", [": one"]]);
});

test("UTF-16 of both orders is converted as it streams, in any pieces", async () => {
  const little = Buffer.from("\ufeffhé😀\r\nzwei\n", "utf16le");
  const big = Buffer.from(little).swap16();
  const bytewise = (bytes: Uint8Array) => cutAt(bytes, [...bytes.keys()]);
  for (const content of [little, big, bytewise(little), bytewise(big)]) {
    assert.deepEqual(await texts(content), [
      ["1", "hé😀"],
      ["2", "zwei"],
    ]);
  }
});

test("a line that is too long is a fault and the rest goes on", async () => {
  const parsed = await parseAll(parser, `good\n${"x".repeat(1025)}\nfits\n`);
  assert.deepEqual(
    documentsOf(parsed).map(({ id }) => id),
    ["1", "3"],
  );
  const [fault] = faultsOf(parsed);
  assert.deepEqual([fault?.id, fault?.code], ["2", "record_too_large"]);
  assert.match(fault?.reason ?? "", /Line 2 .*1024 bytes.*ISTHMUS_MAX_RECORD_BYTES/);
});

test("bytes that are no character cost that character alone, and are told once", async () => {
  const half = [Buffer.from("\ufeffa\n", "utf16le"), Buffer.of(0x00, 0xd8), Buffer.from("\nb", "utf16le")];
  const inputs: [Uint8Array, (string | undefined)[]][] = [
    [Buffer.concat(half), ["a", "\ufffd", "b"]],
    [Buffer.from("\ufeffa\nb😀", "utf16le").subarray(0, -2), ["a", "b\ufffd"]],
    [Buffer.concat([Buffer.from("zèbre\n"), Buffer.of(0xff, 0x0a), Buffer.from("é")]), ["zèbre", "\ufffd", "é"]],
  ];
  for (const [bytes, expected] of inputs) {
    const parsed = await parseAll(parser, bytes);
    assert.deepEqual(
      documentsOf(parsed).map(({ text }) => text),
      expected,
    );
    assert.deepEqual(
      faultsOf(parsed).map(({ code }) => code),
      ["content_lost"],
    );
  }
});

test("a line that just fits counts without its line end", async () => {
  const exact = "x".repeat(1024);
  assert.deepEqual(await texts(`${exact}\r\n${exact}`), [
    ["1", exact],
    ["2", exact],
  ]);
});

test("no lines at all is content_empty", async () => {
  await assert.rejects(parseAll(parser, ""), failsWith("content_empty"));
  await assert.rejects(parseAll(parser, "\n \n\u200b\n"), failsWith("content_empty"));
});

test("a line of 1 GB is passed over without being held", async () => {
  let peak = 0;
  async function* hugeLine() {
    const chunk = Buffer.alloc(1024 * 1024, "a");
    yield Buffer.from("first\n");
    for (let count = 0; count < 1000; count += 1) {
      // A buffer of its own each time, as a file gives them.
      yield Buffer.from(chunk);
      peak = Math.max(peak, process.memoryUsage().arrayBuffers);
    }
    yield Buffer.from("\nlast");
  }
  const before = process.memoryUsage().arrayBuffers;
  const parsed = await parseAll(parser, hugeLine());
  assert.deepEqual(
    parsed.map((one) => one.kind),
    ["document", "fault", "document"],
  );
  assert.ok(peak - before < 500 * 1024 * 1024, `held ${peak - before} bytes`);
});

test("a consumer that stops early releases the source", async () => {
  let released = false;
  async function* endless() {
    try {
      for (;;) yield Buffer.from("line\n");
    } finally {
      released = true;
    }
  }
  for await (const parsed of parser.parse({ uri: "file:///x", contentType: "text/plain", bytes: endless() })) {
    assert.equal(parsed.kind, "document");
    break;
  }
  assert.ok(released);
});

test("any bytes, in any pieces, give the same records", async () => {
  const content = fc.array(fc.constantFrom("a", "é", "😀", "\n", "\r\n", "\r", "\ufeff", "\xff", " "), {
    maxLength: 40,
  });
  const encodings = fc.constantFrom("utf8", "latin1", "utf16le");
  await fc.assert(
    fc.asyncProperty(content, encodings, fc.array(fc.nat(), { maxLength: 10 }), async (units, encoding, cuts) => {
      const bytes = Buffer.from(`${units.join("")}x`, encoding as BufferEncoding);
      assert.deepEqual(await parseAll(parser, cutAt(bytes, cuts)), await parseAll(parser, bytes));
    }),
  );
});
