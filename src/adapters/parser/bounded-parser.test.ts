import assert from "node:assert/strict";
import { test } from "node:test";
import { makeDocx } from "../../../test/support/parser/make-docx.ts";
import { objectRef } from "../../../test/support/parser/parse.ts";
import { Budget } from "../../core/budget.ts";
import type { Parser } from "../../core/ports.ts";
import type { ParsedDocument } from "../../core/types.ts";
import { boundedParser } from "./bounded-parser.ts";
import type { ContainerInput } from "./parts.ts";
import { readWhole } from "./read-whole.ts";
import { createParserRegistry } from "./registry.ts";
import { createTextParser } from "./text.ts";

async function* pieces(...sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const size of sizes) yield Buffer.from("a".repeat(size));
}
const inputOf = (...sizes: readonly number[]) => ({ uri: "a.txt", contentType: "text/plain", bytes: pieces(...sizes) });

test("the bytes of a whole file are counted until its last document was taken, or nobody wants it any more", async () => {
  const budget = new Budget(1000);
  const parser = boundedParser(createTextParser(2 ** 20), budget, 2 ** 20);
  for await (const parsed of parser.parse(inputOf(10, 20))) {
    assert.equal(parsed.kind, "document");
    assert.equal(budget.taken, 30);
  }
  assert.equal(budget.taken, 0);
  for await (const _ of parser.parse(inputOf(10, 20))) break;
  assert.equal(budget.taken, 0);
  await assert.rejects(Array.fromAsync(parser.parse(inputOf(2 ** 20, 1))), { code: "source_too_large" });
  assert.equal(budget.taken, 0);
});

test("files that grow side by side all come through, the oldest first", async () => {
  const budget = new Budget(100);
  const parser = boundedParser(createTextParser(2 ** 20), budget, 2 ** 20);
  let most = 0;
  const done: number[] = [];
  const read = async (number: number) => {
    for await (const _ of parser.parse(inputOf(40, 40, 40, 40))) most = Math.max(most, budget.taken);
    done.push(number);
  };
  await Promise.all([0, 1, 2, 3, 4, 5].map(read));
  assert.deepEqual(done, [0, 1, 2, 3, 4, 5]);
  assert.ok(most <= 100 + 160, `${most}`);
  assert.equal(budget.taken, 0);
});

test("a parser that another one calls for a part of the same file waits for nobody but those before the file", async () => {
  const budget = new Budget(10);
  const inner = boundedParser(createTextParser(2 ** 20), budget, 2 ** 20);
  const outer: Parser = {
    name: "outer",
    version: 1,
    records: true,
    async *parse(input: ContainerInput) {
      const { length } = await readWhole(input, 2 ** 20);
      const part = { ...input, bytes: pieces(length, length) };
      yield* inner.parse(part);
      assert.equal(budget.taken, length);
    },
  };
  const both = boundedParser(outer, budget, 2 ** 20);
  await Promise.all(
    [0, 1].map(async () => {
      for await (const parsed of both.parse(inputOf(8))) assert.equal((parsed as ParsedDocument).text.length, 16);
    }),
  );
  assert.equal(budget.taken, 0);
});

test("a document of more text than a file may have bytes is refused, however small its file is, with what to do", async () => {
  const docx = await makeDocx([{ text: "alpha ".repeat(20_000) }]);
  const maxFileBytes = 50_000;
  assert.ok(docx.length < maxFileBytes);
  const registry = createParserRegistry({ format: "auto", maxFileBytes, maxRecordBytes: 1000 });
  try {
    const selection = registry.select(objectRef("a.docx"), docx);
    assert.ok("parser" in selection);
    const whole = async function* () {
      yield docx;
    };
    const input = { uri: "a.docx", contentType: selection.contentType, bytes: whole() };
    await assert.rejects(Array.fromAsync(selection.parser.parse(input)), {
      code: "parse_limit",
      message:
        /holds 1\d{5} characters of text in one document, more than 50000\. Split the file, .* ISTHMUS_MAX_FILE_BYTES\.$/,
    });
  } finally {
    await registry.close();
  }
});
