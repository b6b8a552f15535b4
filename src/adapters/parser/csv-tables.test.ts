import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import { documentsOf, failsWith, faultsOf, parseAll } from "../../../test/support/parser/parse.ts";
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

test("one column keeps its commas, with a name above it or without", async () => {
  const prose = ["Zebras eat grass, leaves, and bark.", "Okapis eat buds, fruit, and fungi."];
  assert.deepEqual(await texts(`text\n${prose.join("\n")}`), prose);
  assert.deepEqual(
    await texts(`remark\n${prose.join("\n")}`),
    prose.map((line) => `remark: ${line}`),
  );
  assert.deepEqual(await texts(`text\n"one, two"\n"three ""four"""\n`), ["one, two", 'three "four"']);
});

test("a table without a header loses no row, and its values stand for themselves", async () => {
  assert.deepEqual(await texts("1,Zena Zebra,Graz\n2,Olga Okapi,Linz\n"), [
    "1\nZena Zebra\nGraz",
    "2\nOlga Okapi\nLinz",
  ]);
  assert.equal((await texts("Zena,2024-01-02,z@example.org\nOlga,2024-01-03,o@example.org")).length, 2);
  assert.equal((await texts("yes;Zena\nno;Olga\nyes;Gina\nyes;Ina")).length, 4);
  assert.equal((await texts("7,Graz")).length, 1);
  assert.deepEqual((await documents("1,Zena\n2,Olga"))[1]?.metadata, { column_1: "2", column_2: "Olga" });
});

test("a header is a header: names above numbers, years, questions above answers, words above words", async () => {
  for (const header of ["city,people", "city,2019,2020", ",name,age", "name,city"]) {
    const width = header.split(",").length;
    const row = (at: number) =>
      ["x", "17", "18"]
        .map((cell) => `${cell}${at}`)
        .slice(0, width)
        .join(",");
    assert.equal((await texts(`${header}\n${row(1)}\n${row(2)}`)).length, 2, header);
  }
  const survey =
    "Time,What did you like best about it?\n2024-01-01,I liked the zebras very much.\n2024-01-02,Nothing at all was good.";
  assert.equal((await texts(survey)).length, 2);
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

test("a header that is one name short names the columns after the first", async () => {
  const [row] = await documents("mpg,cyl\nMazda,21,6\nDatsun,22,4\n");
  assert.deepEqual(row?.metadata, { column_1: "Mazda", mpg: "21", cyl: "6" });
  const [trailing] = await documents("a,b\n1,2,\n3,4,\n");
  assert.deepEqual(trailing?.metadata, { a: "1", b: "2" });
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

test("a header alone is said to be one", async () => {
  await assert.rejects(parse("a,b,c\n"), failsWith("content_empty", /nothing stands below its header row/));
  await assert.rejects(parse("# only a comment\n"), failsWith("content_empty", /no header row/));
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

test("years name columns; what a database writes for no value, and the end of a file of DOS, are none", async () => {
  assert.deepEqual(await texts("city,2019,2020\nGraz,x,y\nLinz,z,w"), [
    "city: Graz\n2019: x\n2020: y",
    "city: Linz\n2019: z\n2020: w",
  ]);
  assert.deepEqual(await texts("0,1\nx,y\n"), ["x\ny"]);
  assert.deepEqual(await texts("1,2,3"), ["1\n2\n3"]);
  assert.deepEqual(await texts("name\tcity\nZena\t\\N\n\u001a"), ["name: Zena"]);
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

test("sentences without a header are one column, whatever commas they hold", async () => {
  const lines = ["Zebras eat grass, leaves, and bark.", "Okapis eat buds, fruit, and fungi.", "Giraffes eat leaves."];
  assert.deepEqual(await texts(lines.join("\n")), lines);
  const speech = ["He said: yes; she said: no; all laughed.", "Then they left; it rained.", "The end."];
  assert.deepEqual(await texts(speech.join("\n")), speech);
});

test("one column of numbers with decimal commas is one", async () => {
  assert.deepEqual(await texts("value\n1,5\n2,5\n-1.003,25"), ["value: 1,5", "value: 2,5", "value: -1.003,25"]);
  assert.deepEqual(await texts("Report\nn,m\n1,5\n2,5"), ["n: 1\nm: 5", "n: 2\nm: 5"]);
});

test("numbers in order name columns, unless every row has such numbers", async () => {
  assert.deepEqual(await texts("1,2,3\n4,5,6\n7,8,9\n"), ["1\n2\n3", "4\n5\n6", "7\n8\n9"]);
  assert.equal((await texts("0,1,2\n4.5,9,red\n7.5,2,blue\n")).length, 2);
});

test("a year or a count beside a word names its column", async () => {
  assert.deepEqual(await texts("state,2021\nOhio,-1.5\nIowa,2.25\n"), [
    "state: Ohio\n2021: -1.5",
    "state: Iowa\n2021: 2.25",
  ]);
  assert.deepEqual(await texts("team,0,1,2,3\nOwls,.5,.6,.7,.8\nElks,.5,.4,.3,.2\n").then((all) => all.length), 2);
  // A price among prices is none.
  assert.equal((await texts("Widget,2000\nGadget,150\nBolt,90\n")).length, 3);
});

test("small whole numbers that count up above whole numbers are a row: an edge, a face; over other cells they are names", async () => {
  assert.equal((await texts("0,1\n0,2\n1,3\n2,3\n")).length, 4);
  assert.equal((await texts("0,1,2\n0,2,3\n5,1,4\n")).length, 3);
  assert.equal((await texts("0,1\n.5,.7\n.25,.1\n")).length, 2);
  assert.equal((await texts("0,1,2,3,4\n7,2,9,1,4\n3,3,8,5,1\n")).length, 2);
});

test("questions above a few answers that come again name columns, whatever they end with", async () => {
  const answers = ["Yes, always when I can do so", "No, never in all these years", "I do not know what to say"];
  const row = (index: number) => `99${index}7,"${answers[index % 3]}",${index % 3 ? "often" : "seldom"}`;
  const rows = Array.from({ length: 12 }, (_, index) => row(index));
  const header = "Respondent,Do you feed the animals in the zoo?,Say how often you see them.";
  const read = await texts(`${header}\n${rows.join("\n")}\n`);
  assert.equal(read.length, 12);
  assert.match(read[1] ?? "", /^Respondent: 9917\nDo you feed the animals in the zoo\?: No, never/);
});

test("a column of kinds that is called ID names no record", async () => {
  const rows = Array.from({ length: 12 }, (_, index) => `hero ${index},${index % 3 ? "secret" : "public"}`);
  const read = await documents(`name,ID\n${rows.join("\n")}\n`);
  assert.deepEqual([read[0]?.id, read[11]?.id, read[0]?.metadata], ["1", "12", { name: "hero 0", ID: "public" }]);
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
