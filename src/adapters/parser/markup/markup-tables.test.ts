import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fc } from "../../../../test/support/fast-check.ts";
import { readWith } from "../../../../test/support/parser/parse.ts";
import { createParserRegistry } from "../registry.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 22, maxRecordBytes: 2 ** 20 });
after(() => registry.close());

type Rows = readonly (readonly string[])[];
const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
const indented = (lines: readonly string[]): string => lines.map((line) => `   ${line}`).join("\n");
/** Columns as wide as their widest cell, in code points: the table's own signs stand between. */
const grid = (rows: Rows): string => {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(1, ...rows.map((row) => [...(row[at] ?? "")].length)));
  const rule = `+${widths.map((width) => "-".repeat(width + 2)).join("+")}+`;
  const pad = (cell: string, width: number) => cell + " ".repeat(width - [...cell].length);
  const lines = rows.map((row) => `|${row.map((cell, at) => ` ${pad(cell, widths[at] ?? 0)} `).join("|")}|`);
  return [rule, ...lines.flatMap((line) => [line, rule])].join("\n");
};

const tables: Readonly<Record<string, (rows: Rows) => string>> = {
  "grid.rst": grid,
  "csv.rst": (rows) => `.. csv-table::\n\n${indented(rows.map((row) => row.map(quoted).join(",")))}\n`,
  "list.rst": (rows) =>
    `.. list-table::\n\n${indented(rows.flatMap((row) => row.map((cell, at) => `${at === 0 ? "* " : "  "}- ${cell}`)))}\n`,
  "a.adoc": (rows) =>
    `[cols="${(rows[0] ?? []).map(() => "1").join(",")}"]\n|===\n${rows.map((row) => row.map((cell) => `|${cell}`).join(" ")).join("\n")}\n|===\n`,
  "a.tex": (rows) => String.raw`\begin{tabular}{ll}${rows.map((row) => row.join(" & ")).join(` \\\\\n`)}\end{tabular}`,
};

// Letters, figures, quotes and what else stands in a cell without being markup in any of these languages.
const word = fc.oneof(
  fc.stringMatching(/^[a-zäéßЖ日本한]{1,9}$/),
  fc.stringMatching(/^-?[1-9]\d{0,4}(\.\d{1,3})?$/).map((figure) => figure.replace(/^-/, "")),
  fc.constantFrom('say "hi"', "it's", "a, b", "(c)", "50 m", "x".repeat(300)),
);
const cell = fc.oneof(
  { weight: 5, arbitrary: fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => `q${words.join(" ")}`) },
  { weight: 1, arbitrary: fc.constant("") },
);
const table = fc.integer({ min: 2, max: 6 }).chain((columns) =>
  fc.array(
    fc.array(cell, { minLength: columns, maxLength: columns }).map(([, ...rest]) => ["qzebra", ...rest]),
    { minLength: 2, maxLength: 6 },
  ),
);

for (const [name, make] of Object.entries(tables)) {
  test(`${name}: random tables come back row by row, each value in its cell`, async () => {
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const { text } = await readWith(registry, name, `Zoo\n\n${make(rows)}`);
        const plain = (value: string) => value.replace(/[“”]/g, '"').replace(/’/g, "'").trim();
        const found = text.split("\n").filter((line) => line.includes("|"));
        const upToLast = (row: readonly string[]) => row.slice(0, row.findLastIndex((value) => value !== "") + 1);
        assert.deepEqual(
          found.map((line) => upToLast(line.split("|").map(plain))),
          rows.map(upToLast),
        );
      }),
      { numRuns: 40 },
    );
  });
}
