import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { fc } from "../../../../test/support/fast-check.ts";
import { makeOdf, makeXlsx, odsTable } from "../../../../test/support/parser/make-sheets.ts";
import { documentsOf, failsWith, faultsOf, parseWith } from "../../../../test/support/parser/parse.ts";
import type { Parsed } from "../../../core/types.ts";
import { createParserRegistry } from "../registry.ts";

const limits = { maxFileBytes: 32 * 1024 * 1024, maxRecordBytes: 1024 * 1024 };
const registry = createParserRegistry({ format: "auto", ...limits });
after(() => registry.close());

const rowsOf = (parsed: readonly Parsed[]): string[] => documentsOf(parsed).map(({ id, text }) => `${id} ${text}`);
const xlsx = async (...given: Parameters<typeof makeXlsx>): Promise<Parsed[]> =>
  parseWith(registry, "a.xlsx", await makeXlsx(...given));

test("a row is a record, by its number as shown, under the names of the header", async () => {
  const parsed = await xlsx([{ name: "Sheet1", rows: [["name", "city"], [], ["Zena", "Graz"], ["Otto", ""]] }]);
  assert.deepEqual(rowsOf(parsed), ["Sheet1!3 name: Zena\ncity: Graz", "Sheet1!4 name: Otto"]);
  const [first] = documentsOf(parsed);
  assert.deepEqual([first?.title, first?.metadata], ["Sheet1", { sheet: "Sheet1", name: "Zena", city: "Graz" }]);
});

test("numbers and dates are as the workbook shows them", async () => {
  const formats = ["yyyy-mm-dd", "#,##0.00", "0%", "[h]:mm", "no format [[["];
  const number = (value: number, style: number) => ({ number: value, style });
  const row = [
    number(45_000, 1),
    number(1234.5, 2),
    number(0.25, 3),
    number(1.5, 4),
    number(7, 5),
    number(0.1 + 0.2, 0),
  ];
  const values = async (since1904: boolean): Promise<string | undefined> =>
    documentsOf(await xlsx([{ name: "S", rows: [row] }], { formats, since1904 }))[0]?.text;
  assert.equal(await values(false), "2023-03-15 | 1,234.50 | 25% | 36:00 | 7 | 0.3");
  assert.match((await values(true)) ?? "", /^2027-03-16 /);
  const article = await xlsx([{ name: "S", rows: [[number(4006381333931, 0), number(45_000, 6)]] }], { formats });
  assert.deepEqual(rowsOf(article), ["S!1 4006381333931 | 3/15/2023"]);
});

test("titles above the header are kept, a table without a header has none", async () => {
  const rows = [["Sales of zebras"], ["year", "count"], [{ number: 2024 }, { number: 7 }]];
  assert.deepEqual(rowsOf(await xlsx([{ name: "S", rows }])), ["S!1 Sales of zebras", "S!3 year: 2024\ncount: 7"]);
  const numbers = [
    [{ number: 1 }, { number: 2 }],
    [{ number: 3 }, { number: 4 }],
  ];
  assert.deepEqual(rowsOf(await xlsx([{ name: "S", rows: numbers }])), ["S!1 1 | 2", "S!2 3 | 4"]);
});

test("a header whose column holds nothing is a record too, and so is a header alone", async () => {
  const parsed = await xlsx([
    {
      name: "S",
      rows: [
        ["name", "zebra"],
        ["Zena", ""],
      ],
    },
  ]);
  assert.deepEqual(rowsOf(parsed), ["S!1 name\nzebra", "S!2 name: Zena"]);
  assert.deepEqual(rowsOf(await xlsx([{ name: "S", rows: [["name", "zebra"]] }])), ["S!1 name | zebra"]);
});

test("the filter of a sheet names its header; a value merged over rows counts in each", async () => {
  const rows = [
    ["a", "b"],
    ["c", "d"],
    ["name", "city"],
    ["Zena", "Graz"],
    ["", "Linz"],
  ];
  const after = '<autoFilter ref="A3:B5"/><mergeCells><mergeCell ref="A4:A5"/></mergeCells>';
  const parsed = await xlsx([{ name: "S", rows, after }]);
  assert.deepEqual(rowsOf(parsed).slice(2), ["S!4 name: Zena\ncity: Graz", "S!5 name: Zena\ncity: Linz"]);
});

test("a hidden sheet is left out and told; an empty workbook is content_empty", async () => {
  const parsed = await xlsx([
    { name: "Shown", rows: [["a", "b"]] },
    { name: "Secret", rows: [["x", "y"]], state: "hidden" },
  ]);
  assert.deepEqual(rowsOf(parsed), ["Shown!1 a | b"]);
  assert.deepEqual(
    faultsOf(parsed).map(({ id, code }) => [id, code]),
    [["Secret", "content_lost"]],
  );
  await assert.rejects(xlsx([{ name: "S", rows: [] }]), failsWith("content_empty", /no value/));
});

test("rows and columns out of any bounds do no harm", async () => {
  const after =
    '<sheetData><row r="1048576"><c r="XFD1048576" t="str"><v>last</v></c><c r="ZZZZZ1" t="str"><v>odd</v></c></row></sheetData>';
  assert.deepEqual(rowsOf(await xlsx([{ name: "S", rows: [], after }])), ["S!1048576 last | odd"].slice(0, 1));
});

test("OpenDocument: repeated rows and cells, remarks, hidden sheets", async () => {
  const cell = (text: string, more = ""): string =>
    `<table:table-cell office:value-type="string"${more}><text:p>${text}</text:p></table:table-cell>`;
  const note =
    '<table:table-cell office:value-type="float"><office:annotation><text:p>sure?</text:p></office:annotation><text:p>1<text:s text:c="2"/>2</text:p></table:table-cell>';
  const empty =
    '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>';
  const rows = `<table:table-row table:number-rows-repeated="2">${cell("x", ' table:number-columns-repeated="2"')}</table:table-row>${empty}<table:table-row>${note}</table:table-row>`;
  const hidden =
    '<table:table table:name="H" table:style-name="off"><table:table-row><table:table-cell><text:p>h</text:p></table:table-cell></table:table-row></table:table>';
  const styles = '<style:style style:name="off"><style:table-properties table:display="false"/></style:style>';
  const ods = await makeOdf("spreadsheet", `<table:table table:name="S">${rows}</table:table>${hidden}`, styles);
  const parsed = await parseWith(registry, "a.ods", ods);
  assert.deepEqual(rowsOf(parsed), ["S!2 x: x\nx_2: x", "S!1048003 x: 1  2\n[Comment: sure?]"]);
  assert.deepEqual(
    faultsOf(parsed).map(({ id }) => id),
    ["H"],
  );
  const bomb = `<table:table table:name="S"><table:table-row table:number-rows-repeated="1048576">${cell("x", ' table:number-columns-repeated="16384"')}</table:table-row></table:table>`;
  await assert.rejects(parseWith(registry, "a.ods", await makeOdf("spreadsheet", bomb)), failsWith("parse_limit"));
});

test("case xls-as-csv: a table with tabs that is called XLS", async () => {
  const bytes = readFileSync(new URL("../../../../test/cases/xls-as-csv/a.xls", import.meta.url));
  const [row] = documentsOf(await parseWith(registry, "a.xls", bytes));
  assert.deepEqual([row?.metadata["name"], row?.metadata["city"]], ["Zena", "Graz"]);
});

test("random tables come back row by row from both kinds of workbook", async () => {
  const word = fc.stringMatching(/^[a-zäöü<&"'|=]{1,8}$/u);
  const table = fc.array(fc.tuple(word, word, word), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      const all = [["one", "two", "three"], ...rows];
      const expected = rows.map(([a, b, c], index) => `S!${index + 2} one: ${a}\ntwo: ${b}\nthree: ${c}`);
      assert.deepEqual(rowsOf(await xlsx([{ name: "S", rows: all }])), expected);
      const ods = await makeOdf("spreadsheet", odsTable("S", all));
      assert.deepEqual(rowsOf(await parseWith(registry, "a.ods", ods)), expected);
    }),
    { numRuns: 25, seed: 20_261_128 },
  );
});
