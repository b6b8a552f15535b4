// What is rare in workbooks, and was lost or made up before.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { makeOdf, makeXlsx, odsTable } from "../../../../test/support/parser/make-sheets.ts";
import { documentsOf, failsWith, faultsOf, parseWith } from "../../../../test/support/parser/parse.ts";
import type { Parsed } from "../../../core/types.ts";
import { createParserRegistry } from "../registry.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 22, maxRecordBytes: 2 ** 20 });
after(() => registry.close());

const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const rowsOf = (parsed: readonly Parsed[]): string[] => documentsOf(parsed).map(({ id, text }) => `${id} ${text}`);
const xlsx = async (...given: Parameters<typeof makeXlsx>): Promise<Parsed[]> =>
  parseWith(registry, "a.xlsx", await makeXlsx(...given));
const ods = async (body: string): Promise<Parsed[]> => parseWith(registry, "a.ods", await makeOdf("spreadsheet", body));
const table = (range: string): readonly [string, string] => ["table", `<table ${main} ref="${range}"/>`];

test("hours that passed do not depend on the first day of a workbook", async () => {
  const formats = ["[h]:mm", "[mm]:ss", "hh:mm", "yyyy-mm-dd"];
  const row = [1.5, 0.0625, 0.5, 43_538].map((number, index) => ({ number, style: index + 1 }));
  const parsed = await xlsx([{ name: "S", rows: [row] }], { formats, since1904: true });
  assert.deepEqual(rowsOf(parsed), ["S!1 36:00 | 90:00 | 12:00 | 2023-03-15"]);
});

test("dates in ISO 8601, words with a format, fractions, and what is no number", async () => {
  const formats = ["dd/mm/yyyy", '@" kg"', "# ??/??", ";;;"];
  const xml = `<row r="1"><c r="A1" t="d" s="1"><v>2023-03-15T00:00:00</v></c><c r="B1" t="d"><v>2023-03-16</v></c><c r="C1" t="str" s="2"><v>five</v></c><c r="D1" s="3"><v>2.75</v></c><c r="E1"><v>abc</v></c><c r="F1" t="str" s="4"><v>hidden</v></c></row>`;
  assert.deepEqual(rowsOf(await xlsx([{ name: "S", rows: [], xml }], { formats })), [
    "S!1 15/03/2023 | 2023-03-16 | five kg | 2 3/4 | abc",
  ]);
});

test("formulas that were never calculated are told, an empty result is one", async () => {
  const xml = `<row r="1"><c r="A1" t="str"><v>zebra</v></c><c r="B1"><f>1+2</f><v/></c><c r="C1" t="str"><f>""</f><v></v></c><c r="D1"><f>2+2</f><v>4</v></c></row>`;
  const parsed = await xlsx([{ name: "S", rows: [], xml }]);
  assert.deepEqual(rowsOf(parsed), ["S!1 zebra | 4"]);
  assert.deepEqual(
    faultsOf(parsed).map(({ id, code, reason }) => [id, code, /\(B1\)/.test(reason)]),
    [["S!formulas", "content_lost", true]],
  );
  const alone = await makeXlsx([{ name: "S", rows: [], xml: '<row r="1"><c r="A1"><f>1+2</f></c></row>' }]);
  await assert.rejects(parseWith(registry, "a.xlsx", alone), failsWith("content_empty", /formula has no result/));
  const cell = '<table:table-cell table:formula="of:=1+2"/>';
  const sheet = odsTable("S", [["zebra"]]).replace("</table:table-row>", `${cell}</table:table-row>`);
  assert.deepEqual(
    faultsOf(await ods(sheet)).map(({ id }) => id),
    ["S!formulas"],
  );
});

test("each table of a sheet has its own columns, beside and below another", async () => {
  const number = (value: number) => ({ number: value });
  const rows = [
    ["a", "b"],
    [number(1), number(2)],
    [number(5), number(6), "", "c", "d"],
    [number(7), number(8), "", number(3), number(4)],
    [],
    ["told by", "", "", "nobody"],
  ];
  const parsed = await xlsx([{ name: "S", rows, parts: [table("A1:B4"), table("D3:E4")] }]);
  assert.deepEqual(rowsOf(parsed), [
    "S!2 a: 1\nb: 2",
    "S!3 a: 5\nb: 6",
    "S!4 a: 7\nb: 8\nc: 3\nd: 4",
    "S!6 told by | nobody",
  ]);
});

test("a table that begins below an empty row has a header of its own", async () => {
  const number = (value: number) => ({ number: value });
  const rows = [
    ["name", "count"],
    ["Zebra", number(2)],
    [],
    ["city", "size"],
    ["Graz", number(5)],
    [],
    ["Otto", "none"],
  ];
  assert.deepEqual(rowsOf(await xlsx([{ name: "S", rows }])), [
    "S!2 name: Zebra\ncount: 2",
    "S!5 city: Graz\nsize: 5",
    "S!7 city: Otto\nsize: none",
  ]);
});

test("a header whose column is empty in its own table is a record, whatever the next table holds", async () => {
  const number = (value: number) => ({ number: value });
  const rows = [["okapi", "count"], ["", number(2)], [], ["zebra", "count"], ["Zena", number(5)]];
  assert.deepEqual(rowsOf(await xlsx([{ name: "S", rows }])), [
    "S!1 okapi\ncount",
    "S!2 count: 2",
    "S!5 zebra: Zena\ncount: 5",
  ]);
});

test("remarks on empty cells, and answers to remarks without the words of the program", async () => {
  const old = `<comments ${main}><commentList><comment ref="A1"><text><t>[Threaded comment] Your version allows you to read it. Comment: why?</t></text></comment><comment ref="D9"><text><t>to do</t></text></comment></commentList></comments>`;
  const threads =
    '<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"><threadedComment ref="A1"><text>why?</text></threadedComment><threadedComment ref="A1"><text>because</text></threadedComment></ThreadedComments>';
  const parts = [
    ["comments", old],
    ["threadedComment", threads],
  ] as const;
  assert.deepEqual(rowsOf(await xlsx([{ name: "S", rows: [["zebra"]], parts }])), [
    "S!1 zebra\n[Comment on A1: why?\nbecause]",
    "S!9 [Comment on D9: to do]",
  ]);
});

test("values that a program wrote into ODS without showing them", async () => {
  const cell = (type: string, attribute: string, value: string): string =>
    `<table:table-cell office:value-type="${type}" office:${attribute}="${value}"/>`;
  const cells = [
    cell("string", "string-value", "zebra"),
    cell("float", "value", "5"),
    cell("date", "date-value", "2024-02-29T00:00:00"),
    cell("date", "date-value", "2024-02-29T13:30:00"),
    cell("boolean", "boolean-value", "true"),
    cell("time", "time-value", "PT36H05M00S"),
  ];
  const parsed = await ods(
    `<table:table table:name="S"><table:table-row>${cells.join("")}</table:table-row></table:table>`,
  );
  assert.deepEqual(rowsOf(parsed), ["S!1 zebra | 5 | 2024-02-29 | 2024-02-29 13:30:00 | TRUE | 36:05:00"]);
});

test("text boxes on a sheet of ODS are a record, what it keeps of other files is none", async () => {
  const shapes =
    "<table:shapes><draw:frame><draw:text-box><text:p>in a box</text:p></draw:text-box></draw:frame><draw:custom-shape><text:p>in a shape</text:p></draw:custom-shape></table:shapes>";
  const own = odsTable("S", [["zebra"]]).replace("<table:table-row>", `${shapes}<table:table-row>`);
  const cached = odsTable("'file:///other.ods'#$S", [["cached"]]);
  const links = `<table:dde-links>${odsTable("", [["linked"]])}</table:dde-links>`;
  assert.deepEqual(rowsOf(await ods(own + cached + links)), ["S!1 zebra", "S!drawings in a box\n\nin a shape"]);
});

test("a header of two rows: what stands over several columns is part of their names", async () => {
  const rows = [
    ["Zoo figures", "", "", "", ""],
    ["Animal", "Year 2025", "", "Year 2026", ""],
    ["", "Born", "Weight", "Born", "Weight"],
    ["Zebra", { number: 3 }, { number: 31 }, { number: 4 }, { number: 32 }],
  ];
  const names = "Animal: Zebra\nYear 2025 Born: 3\nYear 2025 Weight: 31\nYear 2026 Born: 4\nYear 2026 Weight: 32";
  // The title lies over the whole table, the animal over both rows of the header.
  const after = `<mergeCells>${["A1:E1", "A2:A3", "B2:C2", "D2:E2"].map((ref) => `<mergeCell ref="${ref}"/>`).join("")}</mergeCells>`;
  assert.equal(rowsOf(await xlsx([{ name: "S", rows, after }])).at(-1), `S!4 ${names}`);
  // Years are numbers, and the table says itself which row names its columns.
  const years = rows.map((row) =>
    row.map((value) => (/^Year/.test(String(value)) ? { number: Number(String(value).slice(5)) } : value)),
  );
  const given = await xlsx([{ name: "S", rows: years, after: `<autoFilter ref="A3:E4"/>${after}` }]);
  assert.equal(rowsOf(given).at(-1), `S!4 ${names.replaceAll("Year ", "")}`);
  const found = await xlsx([{ name: "S", rows: years, after }]);
  assert.equal(rowsOf(found).at(-1), `S!4 ${names.replaceAll("Year ", "")}`);
  const cell = (text: string, more = ""): string =>
    `<table:table-cell office:value-type="string" ${more}><text:p>${text}</text:p></table:table-cell>`;
  const covered = "<table:covered-table-cell/>";
  const span = 'table:number-columns-spanned="2"';
  const lines = [
    cell("Animal", 'table:number-rows-spanned="2"') +
      cell("Year 2025", span) +
      covered +
      cell("Year 2026", span) +
      covered,
    covered + ["Born", "Weight", "Born", "Weight"].map((text) => cell(text)).join(""),
    ["Zebra", "3", "31", "4", "32"].map((text) => cell(text)).join(""),
  ].map((line) => `<table:table-row>${line}</table:table-row>`);
  const odf = await ods(`<table:table table:name="S">${lines.join("")}</table:table>`);
  assert.equal(rowsOf(odf).at(-1), `S!3 ${names}`);
});

test("a title over the table is no part of its names, and an empty number of a text is no text", async () => {
  const after = '<mergeCells><mergeCell ref="A1:B1"/></mergeCells>';
  const rows = [
    ["Zoo figures", ""],
    ["Animal", "Born"],
    ["Zebra", { number: 3 }],
  ];
  assert.deepEqual(rowsOf(await xlsx([{ name: "S", rows, after }])), ["S!1 Zoo figures", "S!3 Animal: Zebra\nBorn: 3"]);
  const xml = '<row r="2"><c r="A2" t="s"><v/></c><c r="B2" t="inlineStr"><is><t>Berlin</t></is></c></row>';
  assert.deepEqual(rowsOf(await xlsx([{ name: "S", rows: [["Name"]], xml }])), ["S!1 Name", "S!2 Berlin"]);
});

test("a single column of numbers has the name above it, one of words is a list", async () => {
  const numbers = [["Weight"], [{ number: 300 }], [{ number: 310 }]];
  assert.deepEqual(rowsOf(await xlsx([{ name: "S", rows: numbers }])), ["S!2 Weight: 300", "S!3 Weight: 310"]);
  const words = [["Zebra"], ["Lion"], ["Camel"]];
  assert.deepEqual(rowsOf(await xlsx([{ name: "S", rows: words }])), ["S!1 Zebra", "S!2 Lion", "S!3 Camel"]);
});
