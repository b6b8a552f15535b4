import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import {
  assertSections,
  cutAt,
  documentsOf,
  failsWith,
  faultsOf,
  parseAll,
} from "../../../test/support/parser/parse.ts";
import { createJsonlParser } from "./jsonl.ts";

const parser = createJsonlParser(100_000);
const jsonl = (...records: unknown[]) => records.map((record) => JSON.stringify(record)).join("\r\n");
const parse = (content: string | Uint8Array | readonly Uint8Array[]) => parseAll(parser, content);

test("id, text, title and metadata are kept", async () => {
  const parsed = documentsOf(
    await parse(
      `\ufeff${jsonl({ id: "a", text: "one", title: "T\n1", metadata: { n: 1, ok: true, s: "x" } }, { _id: 7, text: "two" })}\n\n{"text":"three"}`,
    ),
  );
  assert.deepEqual(
    parsed.map(({ id, title, text, metadata }) => ({ id, title, text, metadata })),
    [
      { id: "a", title: "T 1", text: "one", metadata: { n: 1, ok: true, s: "x" } },
      { id: "7", title: "", text: "two", metadata: {} },
      { id: "4", title: "", text: "three", metadata: {} },
    ],
  );
});

test("metadata: nested objects are flattened, lists of scalars stay lists, the rest is left out", async () => {
  const record = `{"text":"t","lang":"en","vector":[0.1,0.2],"n":"beside","labels":["x","y"],"metadata":{"embedding":[0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,1,2,3,4,5,6,7,8],"sizes":[1,2],"n":"wins","author":{"name":"Ann","age":30},"tags":["a",1],"objects":[{"x":1}],"none":null,"huge":1e999,"__proto__":"own"}}`;
  const [document] = documentsOf(await parse(record));
  assert.deepEqual(Object.entries(document?.metadata ?? {}), [
    ["lang", "en"],
    ["n", "wins"],
    ["labels", ["x", "y"]],
    ["sizes", [1, 2]],
    ["author.name", "Ann"],
    ["author.age", 30],
    ["tags", ["a", 1]],
    ["__proto__", "own"],
  ]);
});

test("metadata nested 16,000 deep does no harm", async () => {
  const deep = `{"text":"t","metadata":${'{"a":'.repeat(16_000)}1${"}".repeat(16_000)}}\n{"text":"u"}`;
  assert.equal(documentsOf(await parse(deep)).length, 2);
});

test("an empty text falls back to the title; without either there is nothing to find", async () => {
  const parsed = documentsOf(await parse(jsonl({ id: "a", text: "", title: "Only a title" }, { id: "b", text: " " })));
  assert.deepEqual(
    parsed.map(({ text, sections }) => [text, sections.length]),
    [
      ["Only a title", 1],
      ["", 0],
    ],
  );
});

test("bad records are faults that quote nothing, and the rest goes on", async () => {
  const good = jsonl({ text: "good" });
  const bad = ['{"text": "secret', "[1]", "null", '{"id":"x"}'];
  const parsed = await parse([...bad, `{"text":"${"y".repeat(100_000)}"}`, good].join("\n"));
  assert.deepEqual(
    faultsOf(parsed).map(({ id, code }) => [id, code]),
    [...["1", "2", "3", "x"].map((id) => [id, "record_invalid"]), ["5", "record_too_large"]],
  );
  assert.equal(documentsOf(parsed).length, 1);
  for (const { reason } of faultsOf(parsed)) assert.match(reason, /^Line \d/);
  assert.doesNotMatch(JSON.stringify(faultsOf(parsed)), /secret/);
});

test("a bad byte costs its character alone", async () => {
  const first = Buffer.concat([Buffer.from('{"text":"é a'), Buffer.of(0xe9), Buffer.from('"}\n')]);
  const parsed = await parse(Buffer.concat([first, Buffer.from(jsonl({ text: "b" }))]));
  assert.deepEqual(
    parsed.map((one) => (one.kind === "fault" ? one.code : one.text)),
    ["é a\ufffd", "b", "content_lost"],
  );
});

test("a line of 10 MB is a fault", async () => {
  const parsed = await parse(`${jsonl({ text: "z".repeat(10 * 1024 * 1024) })}\n${jsonl({ text: "b" })}`);
  assert.deepEqual(
    parsed.map((one) => (one.kind === "fault" ? one.code : one.text)),
    ["record_too_large", "b"],
  );
});

test("no records is content_empty", async () => {
  await assert.rejects(parse("\n\n"), failsWith("content_empty"));
});

test("any records, in any pieces, come back as they were", async () => {
  const record = fc.record({
    id: fc.uuid(),
    text: fc.string({ unit: "grapheme", minLength: 1 }),
    metadata: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { minLength: 1, maxLength: 5 }),
      fc.array(fc.nat(), { maxLength: 10 }),
      async (records, cuts) => {
        const bytes = Buffer.from(jsonl(...records));
        const parsed = await parse(cutAt(bytes, cuts));
        assert.deepEqual(parsed, await parse(bytes));
        assert.deepEqual(
          parsed.map(({ id }) => id),
          records.map(({ id }) => id),
        );
        for (const document of documentsOf(parsed)) assertSections(document);
      },
    ),
  );
});
