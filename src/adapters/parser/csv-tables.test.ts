import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import { documentsOf, faultsOf, parseAll } from "../../../test/support/parser/parse.ts";
import { createCsvParser } from "./csv.ts";

const parser = createCsvParser(65_536);
const parse = (content: string | Uint8Array, contentType = "text/csv") =>
  parseAll(parser, content, { uri: "file:///t.csv", contentType });
const documents = async (content: string | Uint8Array) => documentsOf(await parse(content));
const texts = async (content: string) => (await documents(content)).map(({ text }) => text);
const cells = async (content: string) => (await documents(content)).map(({ metadata }) => Object.values(metadata));

test("the delimiter is the one that makes rows of the same width, whatever else stands in their cells", async () => {
  const tables: Record<string, string[][]> = {
    "Name (last, first);Age\nZebra (Zena);33\nOkapi (Olga);44": [
      ["Zebra (Zena)", "33"],
      ["Okapi (Olga)", "44"],
    ],
    "Artikel;Preis\nBürste;4,99\nKamm;1,99": [
      ["Bürste", "4,99"],
      ["Kamm", "1,99"],
    ],
    "a;b;c\n1,5;2,5;3,5\n4,5;5,5;6,5\n": [
      ["1,5", "2,5", "3,5"],
      ["4,5", "5,5", "6,5"],
    ],
    "name,tags\nx,a;b;c;d\ny,e;f;g;h\nz,i;j;k;l": [
      ["x", "a;b;c;d"],
      ["y", "e;f;g;h"],
      ["z", "i;j;k;l"],
    ],
    "name\tremark\nZena\tBrush, comb, and feed\nOlga\tNone": [
      ["Zena", "Brush, comb, and feed"],
      ["Olga", "None"],
    ],
    "a | b | c\n1 | x, y | 3\n4 | z | 6": [
      ["1", "x, y", "3"],
      ["4", "z", "6"],
    ],
    'a,b\n"x;y;z",1\n"p;q;r",2': [
      ["x;y;z", "1"],
      ["p;q;r", "2"],
    ],
  };
  for (const [table, expected] of Object.entries(tables)) assert.deepEqual(await cells(table), expected, table);
});

test("title lines become the title of the rows, comments and the line that names the delimiter go", async () => {
  const [titled] = await documents("Sales report, March 2024\n\nname;price\nBrush;1,5\nComb;2,5\n");
  assert.deepEqual([titled?.title, titled?.text], ["Sales report, March 2024", "name: Brush\nprice: 1,5"]);
  const [padded] = await documents("Staff list,,\n,,\nname,room,phone\nZena,R1,55\nOlga,R2,56");
  assert.deepEqual([padded?.title, padded?.text], ["Staff list", "name: Zena\nroom: R1\nphone: 55"]);
  const commented = "# made by hand\n# on Monday\nname,city\nZena,Graz\n# the end\nOlga,Linz\n";
  assert.deepEqual(await texts(commented), ["name: Zena\ncity: Graz", "name: Olga\ncity: Linz"]);
  assert.deepEqual(await texts("##source=x\n#gene\tsize\nA1\t17\nB2\t18"), [
    "gene: A1\nsize: 17",
    "gene: B2\nsize: 18",
  ]);
  assert.deepEqual(await texts("sep=;\nname;n\nZena, Dr;1"), ["name: Zena, Dr\nn: 1"]);
  // A number sign in a table without comments is a value.
  assert.deepEqual(await texts("tag,n\n#one,1\n#two"), ["tag: #one\nn: 1", "tag: #two"]);
});

test("a text column never takes the others out of search", async () => {
  assert.deepEqual(await texts("Name;Title;Text\nZena;Dr;Brush daily"), ["Brush daily\n\nName: Zena"]);
  assert.deepEqual(await texts("make,body,colour\nZ1,sedan,green\nO9,coupe,violet"), [
    "make: Z1\nbody: sedan\ncolour: green",
    "make: O9\nbody: coupe\ncolour: violet",
  ]);
  const review = "The brush is soft and does not hurt the animal.";
  assert.deepEqual(await texts(`product,content\nBrush,${review}\nComb,It is hard and it does hurt a lot.`), [
    `${review}\n\nproduct: Brush`,
    "It is hard and it does hurt a lot.\n\nproduct: Comb",
  ]);
  // Prose by itself stays as it is, its id and title beside it.
  assert.deepEqual(await texts(`id,title,text\nd-1,Zebras,${review}`), [review]);
  // In a table an id is a word to look for; one that counts the rows is none.
  assert.deepEqual(await texts("id,item\nAB-17,brush\n2,comb"), ["id: AB-17\nitem: brush", "item: comb"]);
});

test("data of programs stay out of the text", async () => {
  const vector = `[${Array.from({ length: 384 }, (_, index) => `-0.0${index}e-2`).join(", ")}]`;
  const picture = Buffer.from("x".repeat(600)).toString("base64");
  const [row] = await documents(`name,vector,picture\nZena,"${vector}",${picture}\nOlga,"${vector}",${picture}`);
  assert.deepEqual([row?.text, row?.metadata], ["name: Zena", { name: "Zena" }]);
});

test("quotes that are escaped by a backslash, in a whole table or in a row of it", async () => {
  assert.deepEqual(await cells('a,b\n"He said \\"hi, you\\"",1\n"ends \\"",2\n"back\\\\slash",3'), [
    ['He said "hi, you"', "1"],
    ['ends "', "2"],
    ["back\\slash", "3"],
  ]);
  const doubled = Array.from({ length: 20 }, (_, index) => `"say ""${index}"" again",${index}`);
  const mixed = await cells(`a,b\n${doubled.join("\n")}\n"He said \\"hi, you\\" now",20\n`);
  assert.deepEqual(mixed.at(-1), ['He said "hi, you" now', "20"]);
  assert.deepEqual(mixed[3], ['say "3" again', "3"]);
  assert.deepEqual(await cells('path,n\n"C:\\dir\\",1\n"D:\\x\\",2'), [
    ["C:\\dir\\", "1"],
    ["D:\\x\\", "2"],
  ]);
});

test("lines of old Macs end with a carriage return; a line inside a cell may end with anything", async () => {
  assert.deepEqual(await texts("name,city\rZena,Graz\rOlga,Linz\r"), [
    "name: Zena\ncity: Graz",
    "name: Olga\ncity: Linz",
  ]);
  assert.deepEqual(await texts('name,remark\rZena,"one\ntwo"\rOlga,x'), [
    "name: Zena\nremark: one\ntwo",
    "name: Olga\nremark: x",
  ]);
  assert.deepEqual(await texts('a,b\n"one\rtwo",1\n'), ["a: one\ntwo\nb: 1"]);
});

test("NUL bytes are no part of a word", async () => {
  assert.deepEqual(await texts("na\0me,city\nZe\0na,Graz\n\0\nOlga,Linz\0"), [
    "name: Zena\ncity: Graz",
    "name: Olga\ncity: Linz",
  ]);
});

test("each record has an id of its own", async () => {
  const ids = async (content: string) => (await documents(content)).map(({ id }) => id);
  assert.deepEqual(await ids("id,item\n7,brush\n7,comb\n8,tie\n7~2,x\n7,y"), ["7", "7~2", "8", "7~2~4", "7~5"]);
  assert.deepEqual(await ids("id,item\n2,brush\n,comb"), ["2", "2~2"]);
});

const word = fc.stringMatching(/^[A-Za-z]{3,8}$/);
const value = fc
  .array(fc.constantFrom("a", "Zé", '"', ",", ";", "|", "\t", "\n", " ", "\\", "x y", "😀", "5", "#"), { maxLength: 5 })
  .map((units) => units.join(""));
const table = fc.integer({ min: 2, max: 6 }).chain((width) =>
  fc.record({
    names: fc.uniqueArray(word, { minLength: width, maxLength: width, selector: (name) => name.toLowerCase() }),
    rows: fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 40 }),
  }),
);
const dialect = fc.record({
  delimiter: fc.constantFrom(",", ";", "\t", "|"),
  lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
  quoteEscape: fc.constantFrom('""', '\\"'),
  mark: fc.constantFrom("", "\ufeff"),
  declared: fc.boolean(),
});

test("any table in any dialect comes back row by row", async () => {
  await fc.assert(
    fc.asyncProperty(table, dialect, async ({ names, rows }, { delimiter, lineEnd, quoteEscape, mark, declared }) => {
      const quoted = (cell: string) => {
        const escaped = quoteEscape === '""' ? cell : cell.replaceAll("\\", "\\\\");
        return `"${escaped.replaceAll('"', quoteEscape)}"`;
      };
      // A quote that stands before a word shows how quotes are written.
      const first = names.map(() => 'a "word" b');
      const lines = [names, first, ...rows].map((cells) => cells.map(quoted).join(delimiter));
      const head = declared ? `sep=${delimiter}${lineEnd}` : "";
      const parsed = await parse(`${mark}${head}${lines.join(lineEnd)}${lineEnd}`);
      assert.deepEqual(faultsOf(parsed), []);
      const expected = [first, ...rows].flatMap((cells) => {
        const kept = cells.flatMap((cell, index) => (cell.trim() === "" ? [] : [[names[index], cell.trim()]]));
        return kept.length === 0 ? [] : [Object.fromEntries(kept)];
      });
      const roles = new Set(["id", "title", "text"]);
      fc.pre(!names.some((name) => roles.has(name.toLowerCase())));
      assert.deepEqual(
        documentsOf(parsed).map(({ metadata }) => metadata),
        expected,
      );
    }),
    { numRuns: 300 },
  );
});

test("a table comes back whatever its numbers, dates and words are, quoted only where it must be", async () => {
  const column = fc.constantFrom<fc.Arbitrary<string>[]>(
    [fc.integer().map(String)],
    [
      fc
        .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
        .map((day) => day.toISOString().slice(0, 10)),
    ],
    [fc.tuple(word, word).map(([first, last]) => `${first}@${last}.org`)],
    [fc.array(word, { minLength: 6, maxLength: 12 }).map((words) => `${words.join(" ")}.`)],
    [fc.tuple(fc.nat(9999), fc.nat(99)).map(([whole, part]) => `${whole},${String(part).padStart(2, "0")}`)],
    [word],
  );
  const typed = fc
    .array(column, { minLength: 2, maxLength: 6 })
    .chain((columns) => fc.array(fc.tuple(...columns.map(([of]) => of ?? word)), { minLength: 3, maxLength: 30 }));
  await fc.assert(
    fc.asyncProperty(typed, fc.constantFrom(",", ";", "\t", "|"), async (rows, delimiter) => {
      const write = (cell: string) => (cell.includes(delimiter) ? `"${cell}"` : cell);
      const names = (rows[0] ?? []).map((_, index) => `Column ${String.fromCharCode(65 + index)}`);
      const lines = [names, ...rows].map((cells) => cells.map(write).join(delimiter));
      const expected = rows.map((cells) => Object.fromEntries(cells.map((cell, index) => [names[index], cell])));
      assert.deepEqual(
        (await documents(lines.join("\n"))).map(({ metadata }) => metadata),
        expected,
      );
    }),
    { numRuns: 300 },
  );
});

test("a quote in a table of tabs without quoted fields is a sign like any other", async () => {
  assert.deepEqual(await cells('w\tn\n"\t1\n!\t2\n"\t3\nsaid "hi"\t4\n"quoted" word\t5\n'), [
    ['"', "1"],
    ["!", "2"],
    ['"', "3"],
    ['said "hi"', "4"],
    ['"quoted" word', "5"],
  ]);
  assert.deepEqual(await cells('w\tn\n"one\ntwo"\t1\n"a"\t2\n'), [
    ["one\ntwo", "1"],
    ["a", "2"],
  ]);
});

test("lines of names and values above a table are its title, and so is a sentence with more commas than it has columns", async () => {
  const measured = "Time;Temp;Wet\n00:00;1,5;80\n01:00;1,7;81\n02:00;1,9;82\n";
  for (const above of ["Station;Graz\nDay;2024-01-02\n\n", "Station;Graz\n\n", "Station;Graz\nDay;2024-01-02\n"]) {
    const [first] = await documents(above + measured);
    assert.equal(first?.text, "Time: 00:00\nTemp: 1,5\nWet: 80");
    assert.match(first?.title ?? "", /^Station Graz/);
  }
  const bank =
    '"Konto:";"DE12";\n"Von:";"01.01.2024";\n"Bis:";"31.01.2024";\n;\n"Tag";"Text";"Betrag (EUR)";\n"02.01.2024";"Brot";"-12,50";\n';
  assert.deepEqual(await texts(bank), ["Brot\n\nTag: 02.01.2024\nBetrag (EUR): -12,50"]);
  const [row] = await documents("Report, made on Monday, by Zena\nname,n\nx,1\ny,2\n");
  assert.deepEqual([row?.title, row?.text], ["Report made on Monday by Zena", "name: x\nn: 1"]);
});

test("a backslash before a doubled quote is a character", async () => {
  const [row] = await documents('name,n\n"Zena \\""Stripes\\"" Zebra",1\n"Olga, Okapi",2\n');
  assert.deepEqual(row?.metadata, { name: 'Zena \\"Stripes\\" Zebra', n: "1" });
});

test("cells of many lines that a file's first 64 KiB end in do not count as rows", async () => {
  const cell = `"${"one, two, and three\nfour, five, six and seven\n".repeat(300)}"`;
  const read = await texts(`description,status\n${`${cell},done\n`.repeat(9)}`);
  assert.equal(read.length, 9);
  assert.match(read[0] ?? "", /^description: one, two/);
});
