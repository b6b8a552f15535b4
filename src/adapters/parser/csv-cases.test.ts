import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { documentsOf, failsWith, faultsOf, parseWith } from "../../../test/support/parser/parse.ts";
import { createParserRegistry } from "./registry.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 1 << 20, maxRecordBytes: 1 << 20 });
after(() => registry.close());
const read = async (path: string) => {
  const content = await readFile(new URL(`../../../test/cases/${path}`, import.meta.url));
  return parseWith(registry, path.slice(path.indexOf("/") + 1), content);
};

/** Of each record its id, its title where it has one, and its text. */
const expected: Record<string, string[]> = {
  "csv-body-column/cars.csv": [
    "1: make: Zebra\nmodel: Z1\nbody: sedan\ncolour: green",
    "2: make: Okapi\nmodel: O9\nbody: coupe\ncolour: violet",
  ],
  "csv-bom-quoted-header/a.csv": ["1: name: Zena\ncity: Graz"],
  "csv-content-column/products.csv": [
    "1: name: Zebra shampoo\ncontent: 500 ml\nprice: 4.99",
    "2: name: Okapi soap\ncontent: 90 g\nprice: 1.99",
  ],
  "csv-cp1252-header/a.csv": ["1: name: Zena\nGröße: 12", "2: name: Olga\nGröße: 13"],
  "csv-sjis/a.csv": ["1: 名前: 縞馬太郎\n年齢: 33"],
  "csv-utf16le-nobom/a.csv": ["1: name: Zena\ncity: Graz"],
  "csv-dup-header/a.csv": ["1: name: zebra\nvalue: 1\nvalue_2: 2"],
  "csv-dup-ids/orders.csv": [
    "7: item: zebra brush\ncity: Graz",
    "7~2: item: okapi comb\ncity: Linz",
    "8: item: giraffe tie\ncity: Wien",
  ],
  "csv-euro-semicolon-title/a.csv": ["1 (Dr): Brush daily\n\nName: Zena"],
  "csv-header-comma-semicolon/a.csv": [
    "1: Name (last, first): Zebra (Zena)\nAge: 33",
    "2: Name (last, first): Okapi (Olga)\nAge: 44",
  ],
  "csv-id-like/a.csv": ["1: Id number: 22\nContent type: video\nBody: short zebra"],
  "csv-inch/a.csv": ['1: size: 5" pipe\nthing: zebra', '2: size: 3" pipe\nthing: okapi'],
  "csv-no-header/a.csv": ["1: 1\nZena Zebra\nGraz", "2: 2\nOlga Okapi\nLinz", "3: 3\nGina Giraffe\nWien"],
  "csv-nul/a.csv": ["1: name: Zena\ncity: Graz", "2: name: Olga\ncity: Linz"],
  "csv-quoted-newlines/a.csv": [
    "1: name: Zena\nremark: line one\nline two, with comma\n\nline four",
    "2: name: Olga\nremark: ok",
  ],
  "csv-ragged/a.csv": ["1: a: 1\nb: 2", "2: a: 3\nb: 4\nc: 5\n6", "3: a: 7"],
  "csv-semicolon-decimal/a.csv": ["1: Artikel: Zebrabürste\nPreis: 4,99", "2: Artikel: Okapikamm\nPreis: 1,99"],
  "csv-sep-line/a.csv": ["1: name: Zena\ncity: Graz"],
  "csv-single-column-commas/notes.csv": [
    "1: Zebras eat grass, leaves, and bark.",
    "2: Okapis eat buds, fruit, and fungi.",
  ],
  "csv-utf16-bom/a.csv": ["1: name: Zena Zebra\ncity: Graz"],
  "xls-as-csv/a.xls": ["1: name: Zena\ncity: Graz"],
};

for (const [path, records] of Object.entries(expected)) {
  test(`case ${path}`, async () => {
    const parsed = await read(path);
    assert.deepEqual(faultsOf(parsed), []);
    const outline = ({ id, title, text }: { id?: string; title: string; text: string }) =>
      `${id}${title === "" ? "" : ` (${title})`}: ${text}`;
    assert.deepEqual(documentsOf(parsed).map(outline), records);
  });
}

test("case csv-header-only: it is said what is missing", async () => {
  await assert.rejects(
    read("csv-header-only/a.csv"),
    failsWith("content_empty", /nothing stands below its header row/),
  );
});
