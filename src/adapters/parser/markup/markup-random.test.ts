import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fc } from "../../../../test/support/fast-check.ts";
import { failsWith, parseWith, readWith } from "../../../../test/support/parser/parse.ts";
import { createParserRegistry } from "../registry.ts";

const limits = { maxFileBytes: 32 * 1024 * 1024, maxRecordBytes: 1024 * 1024 };
const registry = createParserRegistry({ format: "auto", ...limits });
after(() => registry.close());

const kinds = {
  rst: {
    heading: (level: number, label: string) => `${label}\n${("=-~^"[level - 1] ?? "=").repeat(label.length + 3)}\n`,
  },
  adoc: { heading: (level: number, label: string) => `${"=".repeat(level)} ${label}\n` },
  org: { heading: (level: number, label: string) => `${"*".repeat(level)} ${label}\n` },
  tex: {
    heading: (level: number, label: string) =>
      `\\${["section", "subsection", "subsubsection", "paragraph"][level - 1]}{${label}}\n`,
  },
};
const word = fc.stringMatching(/^[a-zäéЖ日]{1,9}$/);
const words = fc.array(word, { minLength: 2, maxLength: 9 }).map((list) => list.join(" "));
const part = fc.record({ level: fc.integer({ min: 1, max: 4 }), label: words, text: words });

for (const [extension, { heading }] of Object.entries(kinds)) {
  test(`${extension}: random sections come back with their headings, word for word`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 6 }), async (parts) => {
        // Levels begin at 1 and go down by one, as every one of these languages has it.
        let last = 0;
        const levels = parts.map(({ level }) => {
          last = Math.min(level, last + 1);
          return last;
        });
        const source = parts
          .map(({ label, text }, index) => `${heading(levels[index] ?? 1, label)}\n${text}.\n`)
          .join("\n");
        const document = await readWith(registry, `a.${extension}`, source);
        assert.deepEqual(
          document.sections.map(({ heading: path, start, end }) => [
            path.split(" > ").at(-1),
            path.split(" > ").length,
            document.text.slice(start, end),
          ]),
          parts.map(({ label, text }, index) => [label, levels[index], `${text}.`]),
        );
      }),
      { numRuns: 50 },
    );
  });

  test(`${extension}: nothing crashes or hangs on any text`, async () => {
    const marks = fc.constantFrom(
      ..."\\{}[]$%&~^_*`|=+-:.#/<>()@!\n\n\n \t".split(""),
      "::",
      ".. ",
      "\\begin{",
      "\\end{",
      "tabular}",
      "#+begin_src\n",
      "|===\n",
      "----\n",
      "[[",
      "]]",
      "a",
      "word",
      "==",
      "* ",
      "\\'",
      "+--+\n",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(marks, { maxLength: 120 }), async (pieces) => {
        const text = pieces.join("");
        const code = text.trim() === "" ? "content_blank" : "content_empty";
        await parseWith(registry, `a.${extension}`, Buffer.from(text)).catch(failsWith(code));
      }),
      { numRuns: 150 },
    );
    const many = 40_000;
    for (const piece of ["*a ", "`a", "{", "[[a", "\\a{", ".. a::\n ", "|", "_a_", "$", "((a", ":a:`"]) {
      await parseWith(registry, `a.${extension}`, Buffer.from(piece.repeat(many))).catch(failsWith("content_empty"));
    }
  });
}
