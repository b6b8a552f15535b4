// RTF as programs other than Word write it, and as old ones did.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { documentsOf, failsWith, parseWith } from "../../../test/support/parser/parse.ts";
import { createParserRegistry } from "./registry.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 24, maxRecordBytes: 2 ** 20 });
after(() => registry.close());

const textOf = async (source: string): Promise<string> =>
  documentsOf(await parseWith(registry, "a.rtf", Buffer.from(source, "latin1")))
    .map(({ text }) => text)
    .join("\n");

test("a mark of ignorable groups that begins no group says nothing of the group", async () => {
  assert.equal(
    await textOf(String.raw`{\rtf1 {\loch\i0\*\cs7\cf0 Zebras graze.}{\*\unknown not this}\par}`),
    "Zebras graze.",
  );
});

test("the cells of a table in a table that stand in the group of its properties", async () => {
  const inner = String.raw`{\*\nesttableprops\trowd\cellx1\cellx2\itap2 Name\nestcell Zora\nestcell\nestrow}`;
  assert.equal(
    await textOf(
      String.raw`{\rtf1 \trowd\cellx1\cellx2\intbl\itap2${inner}\itap1 outer\cell second\cell\row\pard After\par}`,
    ),
    "Name | Zora outer | second\n\nAfter",
  );
});

test("the letters of a Macintosh in Japan, and quotes of Windows in a Japanese file", async () => {
  const mac = String.raw`{\rtf1\mac\ansicpg10001{\fonttbl\f0\fswiss\fcharset77 Helvetica;\f1\fcharset78 Hira;}\f1 \'83\'56\'83\'7d\'83\'45\'83\'7d \f0 caf\'8e\par}`;
  assert.equal(await textOf(mac), "シマウマ café");
  const windows = String.raw`{\rtf1\ansi\ansicpg932{\fonttbl{\f0\fcharset0 Times;}{\f1\fcharset128 Mincho;}}\f1 \'83\'56\'83\'7d\f0 {\'93}words{\'94} \'83\'56\par}`;
  assert.equal(await textOf(windows), "シマ“words” シ");
});

test("groups that nobody closes between the parts of a page, as Outlook writes them", async () => {
  assert.equal(await textOf(`{\\rtf1 ${"{\\b0 ".repeat(9000)}deep words${"}".repeat(9000)}\\par}`), "deep words");
  await assert.rejects(textOf(`{\\rtf1 ${"{".repeat(300_000)}`), failsWith("parse_limit"));
});

test("the tables of lists are no text, where nothing marks them as such either", async () => {
  const lists = String.raw`{\list{\listlevel{\leveltext \'02\'00.;}{\levelnumbers \'01;}}{\listname List1;}\listid7}{\listoverridetable{\listoverride\listid7\ls1}}`;
  assert.equal(await textOf(String.raw`{\rtf1 ${lists}Zebras graze.\par}`), "Zebras graze.");
});
