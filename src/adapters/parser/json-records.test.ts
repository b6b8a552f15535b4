import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import {
  assertSections,
  cutAt,
  documentsOf,
  failsWith,
  faultsOf,
  parseAll,
  parseWith,
  sectionTexts,
} from "../../../test/support/parser/parse.ts";
import { createJsonlParser } from "./jsonl.ts";
import { createParserRegistry } from "./registry.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 1 << 20, maxRecordBytes: 1 << 20 });
after(() => registry.close());
const parser = createJsonlParser(1000);
const outline = (parsed: Awaited<ReturnType<typeof parseAll>>) =>
  parsed.map((one) => `${one.id}: ${one.kind === "fault" ? one.code : one.text}`);
const read = async (content: string) => outline(await parseAll(parser, content));

/** Of each record its id and its text. */
const cases: Record<string, string[]> = {
  "json-array/a.json": ["1: zebra", "2: okapi"],
  "json-logs/app.json": [
    "1: zebra server started\n\nlevel: 30\ntime: 1",
    "2: okapi failed to connect\n\nlevel: 50\ntime: 2",
  ],
  "jsonl-bom-blank/a.jsonl": ["1: zebra one", "2: okapi two"],
  "jsonl-content-array/a.jsonl": ["1: zebra\nokapi", "2: T", "3: giraffe"],
  "jsonl-crlf/a.jsonl": ["1: zebra", "3: okapi"],
  "jsonl-dup-ids/a.jsonl": ["x: zebra first version", "x~2: zebra second version", "y: okapi"],
  "jsonl-id-odd/a.jsonl": [
    "a b/#ü?: zebra odd id",
    "2: okapi empty id",
    "3: giraffe null id",
    "4: lion true id",
    "1.5: emu float",
  ],
  "jsonl-messages/a.jsonl": ["1: user: zebra?\n\nassistant: striped"],
  "jsonl-nan/a.jsonl": ["1: zebra", "2: okapi"],
  "jsonl-pretty/a.jsonl": ["1: zebra", "2: okapi"],
  "jsonl-surrogate/a.jsonl": ["1: zebra \ufffd alone", "2: okapi 😀 pair", "3: giraffe  nul"],
};

for (const [path, expected] of Object.entries(cases)) {
  test(`case ${path}`, async () => {
    const content = await readFile(new URL(`../../../test/cases/${path}`, import.meta.url));
    assert.deepEqual(outline(await parseWith(registry, path.slice(path.indexOf("/") + 1), content)), expected);
  });
}

test("a number that ends in 0 keeps its digits, in lists of measurements it stays a number", async () => {
  const [record] = documentsOf(
    await parseAll(parser, '{"text":"t","price":9.50,"metadata":{"ver":1.10,"whole":1.0,"e":1.50e1,"sizes":[1.50,2]}}'),
  );
  assert.equal(record?.text, "t\n\nprice: 9.50");
  assert.deepEqual(record?.metadata, { price: "9.50", ver: "1.10", whole: 1, e: 15, sizes: [1.5, 2] });
});

test("integers beyond 2^53 keep their digits, as ids and as metadata", async () => {
  const [record] = documentsOf(
    await parseAll(parser, '{"id":12345678901234567890,"text":"t","metadata":{"tweet":-9007199254740993,"n":1.5}}'),
  );
  assert.equal(record?.id, "12345678901234567890");
  assert.deepEqual(record?.metadata, { tweet: "-9007199254740993", n: 1.5 });
});

test("the id of a single object is among its fields: the file's name is what it is cited by", async () => {
  const [document] = documentsOf(
    await parseWith(registry, "a.json", Buffer.from('{"id": 9007199254740993, "content": "zebra", "n": 1}')),
  );
  assert.equal(document?.text, "zebra\n\nid: 9007199254740993\nn: 1");
  assert.equal(document?.metadata["id"], "9007199254740993");
});

test("NaN and Infinity cost nothing but themselves, and stay where they are words", async () => {
  const [record] = documentsOf(
    await parseAll(parser, '{"text":"NaN is \\"NaN\\"","metadata":{"a":NaN,"b":-Infinity,"c":1}}'),
  );
  assert.deepEqual([record?.text, record?.metadata], ['NaN is "NaN"', { c: 1 }]);
});

test("every field can be found beside a text, and without one; metadata is for filters", async () => {
  assert.deepEqual(
    await read(
      [
        '{"name":"Zebra shampoo","content":"500 ml","price":4.99,"metadata":{"shop":"Graz"}}',
        '{"page_content":"Zebras.","metadata":{"source":"a.pdf"}}',
        '{"user":{"name":"Zena","tags":["red","green"]},"items":[{"sku":"A1"},{"sku":"B2"}],"ok":true,"none":null}',
        `{"body":"Okapis.","vector":[${Array.from({ length: 20 }, () => 0.5)}]}`,
        '{"content":[{"type":"text","text":"one"},{"type":"image_url","image_url":{"url":"x"}},"two"]}',
        '{"conversations":[{"from":"human","value":"zebra?"},{"from":"gpt","value":"striped"}]}',
      ].join("\n"),
    ),
    [
      "1: 500 ml\n\nname: Zebra shampoo\nprice: 4.99",
      "2: Zebras.",
      "3: user.name: Zena\nuser.tags: red, green\nitems.sku: A1\nitems.sku: B2\nok: true",
      "4: Okapis.",
      "5: one\n\ntwo",
      "6: human: zebra?\n\ngpt: striped",
    ],
  );
});

test("a broken or too long element costs itself alone, and a file that ends early says so", async () => {
  const long = `{"text":"${"x".repeat(1000)}"}`;
  assert.deepEqual(await read(`[\n{"text":"one"},\n{"text": oops},\n${long},\n{"text":"two"},\n7\n]\n`), [
    "1: one",
    "2: record_invalid",
    "3: record_too_large",
    "4: two",
    "5: record_invalid",
  ]);
  assert.deepEqual(await read('[{"text":"one"},\n{"text":"tw'), ["1: one", "2: record_invalid"]);
  assert.deepEqual(await read('[{"text":"one"}\n'), ["1: one", "1: record_invalid"]);
  assert.deepEqual(await read('{"text":"one"}\r{"text":"two"}\r'), ["1: one", "2: two"]);
  await assert.rejects(read("[\n]\n"), failsWith("content_empty"));
});

test("a .json of anything but objects is text", async () => {
  for (const content of ["[1, 2]", "[{'a': 1}]", "[]", "{}", '{"a": null}', "// settings\n{\n}\n", "{'a': 1}"]) {
    const [document] = documentsOf(await parseWith(registry, "a.json", Buffer.from(content)));
    assert.deepEqual([document?.id, document?.text], [undefined, content]);
  }
});

test("a single object is read by its paths, its large parts as sections; one with a text as a record", async () => {
  const read = async (value: unknown) =>
    documentsOf(await parseWith(registry, "a.json", Buffer.from(JSON.stringify(value, null, 2))))[0];
  const small = await read({
    name: "zebra",
    tags: ["red", "green"],
    size: { width: 7, deep: [{ x: 1 }, { x: null }] },
  });
  assert.equal(small?.text, "name: zebra\ntags: red, green\nsize.width: 7\nsize.deep.x: 1");
  assert.deepEqual([small?.id, small?.title], [undefined, "a"]);
  const responses = Object.fromEntries(
    Array.from({ length: 40 }, (_, at) => [`code${at}`, { description: `What ${at} says` }]),
  );
  const large = await read({
    title: "Zebra API",
    paths: { "/zebra": { get: { responses }, summary: "All" } },
    last: 1,
  });
  assert.equal(large?.title, "Zebra API");
  assert.deepEqual(large && sectionTexts(large).map((section) => section.slice(0, 60)), [
    ": title: Zebra API\nlast: 1",
    "paths > /zebra: summary: All",
    "paths > /zebra > get > responses: code0.description: What 0 ",
  ]);
  const record = await read({ id: 7, title: "Stripes", text: "Zebras.", author: "Ada", metadata: { city: "Graz" } });
  assert.deepEqual(
    [record?.title, record?.text, record?.metadata, record?.id],
    ["Stripes", "Zebras.\n\nid: 7\nauthor: Ada", { id: 7, author: "Ada", city: "Graz" }, undefined],
  );
});

test("any object gives all its words, in sections in order", async () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.stringMatching(/^[a-z]{1,8}$/),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("any"), { maxLength: 4 }),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), tie("any"), { maxKeys: 6 }),
    ),
  }));
  const key = fc.stringMatching(/^k[a-z]{1,6}$/);
  await fc.assert(
    fc.asyncProperty(fc.dictionary(key, value.any, { minKeys: 1 }), async (object) => {
      const content = JSON.stringify({ ...object, first: "zebra ".repeat(300) });
      const [document] = documentsOf(await parseWith(registry, "a.json", Buffer.from(content)));
      assert.ok(document);
      assertSections(document);
      for (const [word] of content.matchAll(/(?<=[:[,]")[a-z]+(?="[,}\]])/g))
        assert.ok(document.text.includes(word), word);
    }),
  );
});

test("any records come back, however they are laid out and in whatever pieces", async () => {
  const record = fc.record({
    id: fc.uuid(),
    text: fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => text.trim() !== ""),
    metadata: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
  });
  const layouts: ((records: readonly unknown[]) => string)[] = [
    (records) => records.map((one) => JSON.stringify(one)).join("\n"),
    (records) => records.map((one) => JSON.stringify(one)).join("\r"),
    (records) => records.map((one) => JSON.stringify(one, null, 2)).join("\n"),
    (records) => JSON.stringify(records),
    (records) => JSON.stringify(records, null, "\t"),
    (records) => `[\r\n${records.map((one) => JSON.stringify(one)).join(" ,\r\n")} ]\r\n`,
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 8 }),
      fc.constantFrom(...layouts),
      async (records, cuts, layout) => {
        const large = createJsonlParser(1 << 20);
        const lines = documentsOf(await parseAll(large, layouts[0]?.(records) ?? ""));
        const parsed = await parseAll(large, cutAt(Buffer.from(layout(records)), cuts));
        assert.deepEqual(faultsOf(parsed), []);
        assert.deepEqual(parsed, lines);
        assert.deepEqual(
          lines.map(({ id }) => id),
          records.map(({ id }) => id),
        );
      },
    ),
    { numRuns: 200 },
  );
});

const recordsOf = async (name: string, content: string) =>
  documentsOf(await parseWith(registry, name, Buffer.from(content)));
const textsOf = async (name: string, content: string) => (await recordsOf(name, content)).map(({ text }) => text);

test("objects on one line, with commas or without, are records under either name", async () => {
  const three = ["one", "two", "three"];
  const objects = three.map((text) => JSON.stringify({ text }));
  for (const name of ["a.json", "a.jsonl"]) {
    for (const between of ["", " ", ",", ",\n", "\n,"]) {
      assert.deepEqual(await textsOf(name, objects.join(between)), three, `${name} ${between}`);
    }
    assert.deepEqual(await textsOf(name, '{\n"text":"one"\n}{\n"text":"two"\n}'), ["one", "two"]);
  }
});

test("a .json of objects whose first is longer than what is looked at is read by its objects all the same", async () => {
  const [document] = await recordsOf(
    "a.json",
    [
      { id: "A1", text: "zebra ".repeat(2000) },
      { title: "Second", animal: "okapi" },
    ]
      .map((one) => JSON.stringify(one))
      .join("\n"),
  );
  assert.ok(document);
  assert.deepEqual(
    document.sections.map(({ heading }) => heading),
    ["A1", "Second"],
  );
  assert.match(document.text, /animal: okapi$/);
});

test("a turn of a chat keeps what it holds beside its text: calls, their input, thoughts; a picture is no words", async () => {
  const messages = [
    { role: "assistant", content: null, tool_calls: [{ function: { name: "find", arguments: '{"q":"okapi"}' } }] },
    { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "search", input: { query: "stripes" } }] },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "Which one?" },
        { type: "text", text: "A zebra." },
      ],
    },
    { role: "user", content: [{ type: "image", source: { media_type: "image/png", data: "AAAA" } }] },
  ];
  const [text] = await textsOf("a.jsonl", JSON.stringify({ messages }));
  assert.equal(
    text,
    'assistant: tool_calls.function.name: find\ntool_calls.function.arguments: {"q":"okapi"}\n\nassistant: name: search\ninput.query: stripes\n\nassistant: thinking: Which one?\n\nA zebra.',
  );
  assert.deepEqual(await textsOf("a.jsonl", '{"text":{"en":"zebra","de":"Streifen"}}'), ["en: zebra\nde: Streifen"]);
  assert.deepEqual(await textsOf("a.jsonl", '{"content":{"rendered":"zebra"}}'), ["rendered: zebra"]);
});

test("an id is a word to look for where there is no text, and one that is no name is a value", async () => {
  assert.deepEqual(await textsOf("a.json", '[{"id":"ORD-2291","item":"brush"},{"id":7,"item":"comb"}]'), [
    "id: ORD-2291\nitem: brush",
    "item: comb",
  ]);
  assert.deepEqual(await textsOf("a.jsonl", '{"_id":{"$oid":"507f1f"},"text":"zebra"}'), ["zebra\n\n_id.$oid: 507f1f"]);
  assert.deepEqual(await textsOf("a.jsonl", '{"text":"zebra","metadata":"by hand"}'), ["zebra\n\nmetadata: by hand"]);
});

test("tabs and line ends in strings are read, as programs of their own make write them", async () => {
  assert.deepEqual(await textsOf("a.jsonl", '{"text":"one\ttwo"}\n{"text":"three"}'), ["one\ttwo", "three"]);
  assert.deepEqual(await textsOf("a.json", '{"text":"one\ntwo","k":"v"}'), ["one\ntwo\n\nk: v"]);
});

test("the mark of a file that was put below another is no part of its first line", async () => {
  assert.deepEqual(await textsOf("a.jsonl", '{"text":"one"}\n\ufeff{"text":"two"}\n'), ["one", "two"]);
});

test("colours that a log keeps in its messages are no words, in JSON and in tables", async () => {
  assert.deepEqual(await textsOf("a.jsonl", '{"msg":"\\u001b[31mERROR\\u001b[0m zebra"}'), ["ERROR zebra"]);
  assert.deepEqual(await textsOf("a.csv", "level,msg\n\u001b[31mERROR\u001b[0m,zebra\n"), ["level: ERROR\nmsg: zebra"]);
});

test("an array and objects in a row are records in UTF-16 and UTF-32 too, with a mark and without", async () => {
  const wide = (text: string) => Buffer.from(text, "utf16le");
  for (const content of ['[{"text":"größer"},{"text":"zwei"}]', '{"text":"größer"}\n{"text":"zwei"}\n']) {
    const utf32 = Buffer.concat([...`\ufeff${content}`].map((sign) => Buffer.concat([wide(sign), Buffer.alloc(2)])));
    for (const bytes of [wide(content), wide(`\ufeff${content}`), wide(`\ufeff${content}`).swap16(), utf32]) {
      const parsed = documentsOf(await parseWith(registry, "a.json", bytes));
      assert.deepEqual(
        parsed.map(({ text }) => text),
        ["größer", "zwei"],
      );
    }
  }
});
