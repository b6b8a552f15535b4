import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import { makeDocx } from "../../../test/support/parser/make-docx.ts";
import { makeOdf, odsTable } from "../../../test/support/parser/make-sheets.ts";
import { assertSections, documentsOf, faultsOf, parseWith } from "../../../test/support/parser/parse.ts";
import { samplesOf } from "../../../test/support/parser/samples.ts";
import { createParserRegistry } from "./registry.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 22, maxRecordBytes: 2 ** 16 });
after(() => registry.close());

/** What a file gives, as one line, and no fault in it. */
async function wordsOf(name: string, content: Uint8Array): Promise<string> {
  const parsed = await parseWith(registry, name, content);
  assert.deepEqual(faultsOf(parsed), []);
  for (const document of documentsOf(parsed)) assertSections(document);
  return documentsOf(parsed)
    .map(({ text }) => text)
    .join("\n")
    .replace(/\s+/g, " ");
}

const runs = { numRuns: 15 };
const latin = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const letters = `${latin}äöüßéñçøžšабвгджзиклмнαβγδεζ縞馬草東京あいうえアイウ얼룩말풀אבגדهوزح`;
/** Of bytes that mean letters by a code page, or by the font: their makers write no others. */
const bytesOnly = new Set(["a.pdf", "a.rtf", "a.msg", "a.mbox"]);

for (const [name] of Object.entries(samplesOf(() => ""))) {
  test(`${name}: random words go into the file and come back, in order`, async () => {
    const word = fc.string({
      unit: fc.constantFrom(...(bytesOnly.has(name) ? latin : letters)),
      minLength: 2,
      maxLength: 9,
    });
    // A word in front keeps a line from being a number, a heading or the mark of a list.
    const sentence = fc.array(word, { minLength: 2, maxLength: 6 }).map((words) => `zebra ${words.join(" ")} grass`);
    await fc.assert(
      fc.asyncProperty(fc.array(sentence, { minLength: 1, maxLength: 4 }), async (sentences) => {
        const asked: string[] = [];
        const prose = (number: number): string => {
          const said = sentences[number % sentences.length] ?? "";
          asked.push(said);
          return said;
        };
        const found = await wordsOf(name, await (samplesOf(prose)[name]?.(sentences.length) ?? new Uint8Array()));
        let at = 0;
        for (const said of asked) {
          const next = found.indexOf(said, at);
          // A table that repeats the paragraphs is drawn first by its maker, and stands after them.
          at = next === -1 ? found.indexOf(said) : next;
          assert.notEqual(at, -1, `${said} in ${found}`);
        }
      }),
      runs,
    );
  });
}

const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
const htmlTable = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>`).join("");
type Table = readonly (readonly string[])[];
/** Cells that mean nothing by themselves. */
const tables: Readonly<Record<string, (rows: Table) => Promise<Uint8Array> | Uint8Array>> = {
  "a.docx": (rows) => makeDocx([], { table: rows }),
  "a.odt": (rows) => makeOdf("text", odsTable("T", rows)),
  "a.html": (rows) => Buffer.from(`<meta charset="utf-8"><main><table>${htmlTable(rows)}</table></main>`),
};

for (const [name, make] of Object.entries(tables)) {
  test(`${name}: random tables come back row by row, each value under its column`, async () => {
    const filled = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 8 });
    const value = fc.oneof({ weight: 3, arbitrary: filled }, fc.constant(""));
    const table = fc
      .integer({ min: 2, max: 6 })
      .chain((columns) =>
        fc.array(fc.array(value, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 6 }),
      )
      // A row without a word is no line.
      .map((rows) => rows.filter((row) => row.some((cell) => cell !== "")));
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        if (rows.length === 0) return;
        const [document] = documentsOf(await parseWith(registry, name, await make(rows)));
        const lines = (document?.text ?? "").split("\n").filter((line) => line !== "");
        const cells = lines.map((line) => line.split("|").map((cell) => cell.trim()));
        const upToLast = (row: readonly string[]) => row.slice(0, row.findLastIndex((cell) => cell !== "") + 1);
        assert.deepEqual(cells, rows.map(upToLast));
      }),
      runs,
    );
  });
}
