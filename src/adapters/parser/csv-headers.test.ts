import assert from "node:assert/strict";
import { test } from "node:test";
import { documentsOf, failsWith, parseAll } from "../../../test/support/parser/parse.ts";
import { createCsvParser } from "./csv.ts";

const parser = createCsvParser(65_536);
const parse = (content: string | Uint8Array, contentType = "text/csv") =>
  parseAll(parser, content, { uri: "file:///t.csv", contentType });
const documents = async (content: string | Uint8Array) => documentsOf(await parse(content));
const texts = async (content: string) => (await documents(content)).map(({ text }) => text);

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

test("a header that is one name short names the columns after the first", async () => {
  const [row] = await documents("mpg,cyl\nMazda,21,6\nDatsun,22,4\n");
  assert.deepEqual(row?.metadata, { column_1: "Mazda", mpg: "21", cyl: "6" });
  const [trailing] = await documents("a,b\n1,2,\n3,4,\n");
  assert.deepEqual(trailing?.metadata, { a: "1", b: "2" });
});

test("a header alone is said to be one", async () => {
  await assert.rejects(parse("a,b,c\n"), failsWith("content_empty", /nothing stands below its header row/));
  await assert.rejects(parse("# only a comment\n"), failsWith("content_empty", /no header row/));
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
