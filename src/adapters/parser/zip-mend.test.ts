import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import { makeArchiveZip } from "../../../test/support/parser/make-archive.ts";
import { makeZip } from "../../../test/support/parser/make-docx.ts";
import { documentsOf, failsWith, faultsOf, parseWith } from "../../../test/support/parser/parse.ts";
import { createParserRegistry } from "./registry.ts";
import { mendZip } from "./zip-mend.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 22, maxRecordBytes: 2 ** 20 });
after(() => registry.close());

const entries = [1, 2, 3].map((number) => ({ name: `${number}.txt`, content: `words of ${number}` }));

test("a ZIP behind a program that unpacks it, and before what was appended", async () => {
  const zip = await makeArchiveZip(entries);
  const wanted = entries.map(({ content }) => content);
  for (const bytes of [
    Buffer.concat([Buffer.from("MZ program"), zip]),
    Buffer.concat([zip, Buffer.alloc(500)]),
    Buffer.concat([Buffer.from("#!/bin/sh\n"), zip, Buffer.from("tail PK\x05\x06")]),
  ]) {
    const parsed = await parseWith(registry, "a.zip", bytes);
    assert.deepEqual(
      documentsOf(parsed).map(({ text }) => text),
      wanted,
    );
    assert.deepEqual(faultsOf(parsed), []);
  }
});

test("of a ZIP that is cut off, what came before is kept and the rest is told", async () => {
  // Sizes before the content, and after it.
  const late = await makeZip(Object.fromEntries(entries.map(({ name, content }) => [name, content])));
  for (const zip of [await makeArchiveZip(entries), late]) {
    const second = zip.indexOf("2.txt");
    const third = zip.indexOf("3.txt");
    for (const cut of [second - 30, third - 31, third + 2]) {
      const parsed = await parseWith(registry, "a.zip", zip.subarray(0, cut));
      const kept = documentsOf(parsed).map(({ id }) => id);
      assert.deepEqual(kept, cut < second ? ["1.txt"] : kept.slice(0, 2));
      assert.ok(kept.includes("1.txt"));
      assert.deepEqual(
        faultsOf(parsed).map(({ id, code }) => [id, code]),
        [["the end", "content_lost"]],
      );
    }
    await assert.rejects(parseWith(registry, "a.zip", zip.subarray(0, 20)), failsWith("parse_failed"));
  }
});

test("any bytes are mended or left", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom("PK\x03\x04", "PK\x05\x06", "PK\x07\x08"),
      (noise, mark) => {
        const bytes = Buffer.concat([Buffer.from(mark, "latin1"), noise, Buffer.from(mark, "latin1"), noise]);
        const mended = mendZip(bytes);
        assert.ok(mended === undefined || mended.zip.length <= bytes.length * 3);
      },
    ),
  );
});
