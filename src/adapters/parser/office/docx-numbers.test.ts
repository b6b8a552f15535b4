import assert from "node:assert/strict";
import { after, test } from "node:test";
import { makeDocx, namespace } from "../../../../test/support/parser/make-docx.ts";
import { documentsOf, parseWith } from "../../../../test/support/parser/parse.ts";
import { createParserRegistry } from "../registry.ts";
import { shownNumber } from "./number-formats.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 22, maxRecordBytes: 2 ** 20 });
after(() => registry.close());

/** The text of a document whose first list counts so. */
async function listed(xml: string, format: string): Promise<string> {
  const numbering = `<w:numbering ${namespace}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/>${format}<w:lvlText w:val="%1."/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>`;
  const parts = [["n", "numbering", "numbering.xml", numbering]] as const;
  const [document] = documentsOf(await parseWith(registry, "a.docx", await makeDocx([], { xml, parts })));
  return document?.text ?? "";
}
const item = (inside: string, mark = ""): string =>
  `<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>${mark && `<w:rPr>${mark}</w:rPr>`}</w:pPr>${inside}</w:p>`;
const run = (text: string, properties = ""): string => `<w:r><w:rPr>${properties}</w:rPr><w:t>${text}</w:t></w:r>`;

test("numbers of lists are written as Word writes them", () => {
  const expected: Readonly<Record<string, readonly (readonly [number, string])[]>> = {
    ordinal: [
      [1, "1st"],
      [2, "2nd"],
      [3, "3rd"],
      [4, "4th"],
      [11, "11th"],
      [12, "12th"],
      [13, "13th"],
      [22, "22nd"],
      [101, "101st"],
      [111, "111th"],
    ],
    cardinalText: [
      [1, "One"],
      [21, "Twenty-one"],
      [115, "One hundred fifteen"],
      [2000, "Two thousand"],
    ],
    ordinalText: [
      [1, "First"],
      [5, "Fifth"],
      [20, "Twentieth"],
      [32, "Thirty-second"],
      [100, "One hundredth"],
    ],
    chineseCounting: [
      [3, "三"],
      [10, "十"],
      [11, "十一"],
      [23, "二十三"],
    ],
    chineseCountingThousand: [
      [105, "一百零五"],
      [1005, "一千零五"],
      [110, "一百一十"],
    ],
    japaneseCounting: [[23, "二十三"]],
    ideographTraditional: [[2, "乙"]],
    decimalFullWidth: [[12, "１２"]],
    decimalEnclosedCircle: [
      [3, "③"],
      [21, "21"],
    ],
    russianUpper: [[2, "Б"]],
    hebrew1: [
      [15, "טו"],
      [16, "טז"],
      [22, "כב"],
    ],
    aiueo: [[2, "イ"]],
    ganada: [[3, "다"]],
    hex: [[255, "FF"]],
    numberInDash: [[4, "- 4 -"]],
    chicago: [[6, "††"]],
    lowerLetter: [[28, "bb"]],
    upperRoman: [[1994, "MCMXCIV"]],
    "001, 002, 003, ...": [[12, "012"]],
    decimalZero: [[7, "07"]],
    unheardOf: [[7, "7"]],
    ordinalTextOfNone: [[0, "0"]],
  };
  for (const [format, numbers] of Object.entries(expected))
    assert.deepEqual(
      numbers.map(([number]) => shownNumber(number, format)),
      numbers.map(([, shown]) => shown),
      format,
    );
});

test("a format of the author's own is read where the file keeps it, and so is an ordinal", async () => {
  const own = `<mc:AlternateContent><mc:Choice Requires="w14"><w:numFmt w:val="custom" w:format="001, 002, 003, ..."/></mc:Choice><mc:Fallback><w:numFmt w:val="decimal"/></mc:Fallback></mc:AlternateContent>`;
  assert.equal(await listed(item(run("zebra")), own), "001. zebra");
  assert.equal(await listed(item(run("zebra")), '<w:numFmt w:val="ordinal"/>'), "1st. zebra");
});

test("items that were deleted or hidden are not counted, empty ones are", async () => {
  const decimal = '<w:numFmt w:val="decimal"/>';
  const deleted = item(`<w:del><w:r><w:delText>gone</w:delText></w:r></w:del>`, '<w:del w:id="1"/>');
  assert.equal(await listed(item(run("one")) + deleted + item(run("two")), decimal), "1. one\n2. two");
  const hidden = item(run("gone", "<w:vanish/>"), "<w:vanish/>");
  assert.equal(await listed(item(run("one")) + hidden + item(run("two")), decimal), "1. one\n2. two");
  assert.equal(await listed(item(run("one")) + item("") + item(run("three")), decimal), "1. one\n3. three");
});
