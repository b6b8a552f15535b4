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
import { createCsvParser } from "./csv.ts";
import { columnNames } from "./csv-row.ts";

const limit = 4096;
const parser = createCsvParser(limit);
const parse = (content: string | Uint8Array | readonly Uint8Array[], contentType = "text/csv") =>
  parseAll(parser, content, { uri: "file:///t.csv", contentType });
const rows = async (content: string, contentType?: string) =>
  documentsOf(await parse(content, contentType)).map(({ id, title, text, metadata }) => ({
    id,
    title,
    text,
    metadata,
  }));
const outline = async (content: string | Uint8Array) =>
  (await parse(content)).map((one) => `${one.id}:${one.kind === "fault" ? one.code : one.text.split("\n")[0]}`);

test("a row is a record: columns as lines of text and as metadata", async () => {
  assert.deepEqual(await rows('\ufeffname,price,note\r\nApple,1.20,\r\n\r\nPear,2,"big, ""green"""\r\n'), [
    { id: "1", title: "", text: "name: Apple\nprice: 1.20", metadata: { name: "Apple", price: "1.20" } },
    {
      id: "2",
      title: "",
      text: 'name: Pear\nprice: 2\nnote: big, "green"',
      metadata: { name: "Pear", price: "2", note: 'big, "green"' },
    },
  ]);
});

test("id, title and text columns have their meaning, whatever their case", async () => {
  assert.deepEqual(await rows("ID,Title,Text,lang\nx,The title,The text,en\n,,Second,\n"), [
    { id: "x", title: "The title", text: "The text\n\nlang: en", metadata: { lang: "en" } },
    { id: "2", title: "", text: "Second", metadata: {} },
  ]);
  assert.equal((await rows("id,title\n1,Only a title"))[0]?.text, "Only a title");
});

test("quoted fields hold line breaks, delimiters and spaces around", async () => {
  assert.deepEqual((await rows('a, b\n "1\r\n2" , "x,y"\n3,4'))[0]?.metadata, { a: "1\n2", b: "x,y" });
  assert.deepEqual((await rows('"first\nname",b\n1,2'))[0]?.metadata, { "first name": "1", b: "2" });
});

test("ragged rows: missing columns are left out, surplus ones named", async () => {
  assert.deepEqual(
    (await rows("a,,a\n1\n1,2,3,4\n,,\n5,6,7")).map(({ id, metadata }) => [id, metadata]),
    [
      ["1", { a: "1" }],
      ["2", { a: "1", column_2: "2", a_2: "3", column_4: "4" }],
      ["4", { a: "5", column_2: "6", a_2: "7" }],
    ],
  );
});

test("semicolons, tabs, bars and sep= are understood", async () => {
  for (const content of ["a;b\n1,5;2", "a\tb\n1,5\t2", "a|b\n1,5|2", "sep=;\na;b\n1,5;2"]) {
    assert.deepEqual((await rows(content))[0]?.metadata, { a: "1,5", b: "2" });
  }
  assert.deepEqual((await rows("a,x\tb\n \t2", "text/tab-separated-values"))[0]?.metadata, { b: "2" });
});

test("a quote inside a plain field is a character", async () => {
  assert.deepEqual(
    (await rows('size,n\n5" pipe,1\n6" x 2",2')).map(({ metadata }) => metadata),
    [
      { size: '5" pipe', n: "1" },
      { size: '6" x 2"', n: "2" },
    ],
  );
});

test("a row with broken quotes that has all its cells keeps them", async () => {
  assert.deepEqual(await outline('text,b\none,1\n"two,2\nthree,3\n'), ["1:one", '2:"two', "3:three"]);
  assert.deepEqual(await outline('text,b\n"one,1\n"two",2\nthree,3'), ['1:"one', "2:two", "3:three"]);
  assert.deepEqual(await outline('text,b\n"a"x,1\n"b",2'), ['1:"a"x', "2:b"]);
  assert.deepEqual(await outline('text,b\n"the "old" barn, red",1\nb,2\nc,3'), ['1:the "old" barn, red', "2:b", "3:c"]);
  assert.deepEqual(await outline('text,b\n"Zena & Co." called "Zena",1\n"b",2'), ['1:Zena & Co." called "Zena', "2:b"]);
});

test("a quote left open in a row with other cells than the table costs that row alone", async () => {
  assert.deepEqual(await outline('text,b\none,1\n"two,2,3\nthree,3\n'), ["1:one", "2:record_invalid", "3:three"]);
  assert.deepEqual(await outline('text,b\n"one\n"two",2\nthree,3'), ["1:record_invalid", "2:two", "3:three"]);
  const long = Array.from({ length: 1000 }, (_, index) => `row ${index},${index}`);
  const parsed = await outline(`text,b\n"open\n${long.join("\n")}`);
  assert.deepEqual(
    [parsed.length, parsed[0], parsed[1], parsed.at(-1)],
    [1001, "1:record_invalid", "2:row 0", "1001:row 999"],
  );
});

test("a record over the limit is a fault, within quotes or not, and the rest goes on", async () => {
  const prose = "many words without a comma\n".repeat(400);
  assert.deepEqual(await outline(`text,b\none,1\n"${prose}",2\nthree,3`), ["1:one", "2:record_too_large", "3:three"]);
  assert.deepEqual(await outline(`text,b\n${"x".repeat(limit + 1)},1\ntwo,2`), ["1:record_too_large", "2:two"]);
  const [fault] = faultsOf(await parse(`text,b\n"${prose}",2`));
  assert.match(fault?.reason ?? "", /Row 1 \(line 2\).*4096 bytes.*ISTHMUS_MAX_RECORD_BYTES/);
});

test("a bad byte costs its character alone, and legacy text is read", async () => {
  const bytes = Buffer.concat([Buffer.from("text,b\nöne,"), Buffer.of(0xe9), Buffer.from("\ntwo,2")]);
  assert.deepEqual(await outline(bytes), ["1:öne", "2:two", "encoding:content_lost"]);
  assert.deepEqual(await outline(Buffer.from("text,b\ncaf\xe9,1", "latin1")), ["1:café"]);
});

test("a file without rows or with a broken header fails clearly", async () => {
  await assert.rejects(parse(""), failsWith("content_empty", /no header row/));
  await assert.rejects(parse("a,b\n\n,\n"), failsWith("content_empty", /below its header/));
  await assert.rejects(parse('a,"b\n1,2\n'), failsWith("parse_failed", /header row of "t\.csv"/));
  await assert.rejects(parse(`${"h".repeat(limit + 1)}\n1`), failsWith("parse_failed", /4096/));
});

const cell = fc
  .array(fc.constantFrom("a", "é", '"', ",", "\n", " ", "x y", "😀", ";"), { maxLength: 6 })
  .map((units) => units.join(""));
const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;

test("any table, quoted or plain, comes back as it was", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell, fc.boolean()), { minLength: 1, maxLength: 300 }), async (cells) => {
      const table = cells.map(([a, b, plain]): [string, string] => (plain ? ["plain", b] : [a, b]));
      const lines = table.map(([a, b]) => `${a === "plain" ? a : quoted(a)},${quoted(b)}`);
      const parsed = await parse(`one,two\n${lines.join("\r\n")}`.replace(/$/, "\nlast,row"));
      assert.deepEqual(faultsOf(parsed), []);
      const expected = [...table, ["last", "row"]].flatMap(([a = "", b = ""], index) => {
        const kept = Object.entries({ one: a.trim(), two: b.trim() }).filter(([, value]) => value !== "");
        return kept.length === 0 ? [] : [[String(index + 1), Object.fromEntries(kept)]];
      });
      assert.deepEqual(
        documentsOf(parsed).map(({ id, metadata }) => [id, metadata]),
        expected,
      );
    }),
    { numRuns: 60 },
  );
});

test("columns of one name are told apart, however many there are", () => {
  assert.deepEqual(columnNames(["a", "", "a", "a_2", "a"]), ["a", "column_2", "a_2", "a_2_2", "a_3"]);
  // A line of a megabyte may have so many; looking for each name from 2 on again would take hours.
  assert.equal(columnNames(Array.from({ length: 500_000 }, () => "a")).at(-1), "a_500000");
});

test("any bytes after a header, in any pieces, give the same records with sound sections", async () => {
  const unit = fc.constantFrom("a", '"', '""', ",", "\n", "\r\n", " ", "é", "\xff", "x".repeat(3000));
  await fc.assert(
    fc.asyncProperty(fc.array(unit, { maxLength: 60 }), fc.array(fc.nat(), { maxLength: 10 }), async (units, cuts) => {
      const bytes = Buffer.from(`one,two\n${units.join("")}\nlast,row`, "latin1");
      const whole = await parse(bytes);
      assert.deepEqual(await parse(cutAt(bytes, cuts)), whole);
      for (const document of documentsOf(whole)) assertSections(document);
    }),
  );
});
