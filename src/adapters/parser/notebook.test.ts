import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import {
  assertSections,
  documentsOf,
  failsWith,
  faultsOf,
  parseWith,
  sectionTexts,
} from "../../../test/support/parser/parse.ts";
import type { Parsed, ParsedDocument } from "../../core/types.ts";
import { createParserRegistry } from "./registry.ts";

const limits = { maxFileBytes: 32 * 1024 * 1024, maxRecordBytes: 1024 * 1024 };
const registry = createParserRegistry({ format: "auto", ...limits });
after(() => registry.close());

const readAll = (notebook: unknown): Promise<Parsed[]> =>
  parseWith(registry, "study.ipynb", Buffer.from(typeof notebook === "string" ? notebook : JSON.stringify(notebook)));

async function read(notebook: unknown): Promise<ParsedDocument> {
  const parsed = await readAll(notebook);
  const [document] = documentsOf(parsed);
  assert.ok(document);
  assert.equal(parsed.length, 1);
  assertSections(document);
  return document;
}

const markdown = (...source: string[]) => ({ cell_type: "markdown", source });
const code = (source: string, ...outputs: unknown[]) => ({ cell_type: "code", source, outputs });

test("cells in order, headings as sections, no picture", async () => {
  const file = await readFile(new URL("../../../test/cases/ipynb/a.ipynb", import.meta.url), "utf8");
  const document = await read(file);
  assert.equal(document.title, "Zebra study");
  assert.deepEqual(sectionTexts(document), ["Zebra study: Stripes differ.\n\nprint(1)"]);
});

test("what was printed and shown is kept in its readable form, what is for the screen is not", async () => {
  const document = await read({
    metadata: {
      kernelspec: { display_name: "Python 3" },
      title: "Counting",
      authors: [{ name: "Ann" }, { name: "Bo" }],
    },
    cells: [
      code(
        "# no heading\nrun()",
        { output_type: "stream", text: ["\u001b[31mred\u001b[0m\n", "1%\r50%\r100%\n"] },
        { output_type: "display_data", data: { "image/png": "iVBORw0KGgo", "text/plain": "<Figure size 640x480>" } },
        {
          output_type: "execute_result",
          data: {
            "text/html": "<table><tr><td>a</td><td></td><td>b</td></tr></table>",
            "text/plain": ["<Styler at 0x7f>"],
          },
        },
        { output_type: "error", ename: "ValueError", evalue: "no stripes", traceback: ["\u001b[0;31mlong\u001b[0m"] },
      ),
      markdown("## See\n", "![plot](data:image/png;base64,AAAA)\n", "and ![kept](plot.png)"),
      { cell_type: "raw", source: "raw words" },
      {
        cell_type: "markdown",
        attachments: { "x.png": { "image/png": "AAAA" } },
        source: "![](attachment:x.png) last",
      },
    ],
  });
  assert.equal(document.title, "Counting");
  assert.deepEqual(document.metadata, { authors: ["Ann", "Bo"] });
  assert.match(document.text, /^# no heading\nrun\(\)\n\nred\n100%\n\na \| .*b\n\nValueError: no stripes\n\n## See\n/);
  assert.doesNotMatch(document.text, /AAAA|Figure|Styler|Python 3|long|50%/);
  assert.match(document.text, /plot\.png[\s\S]*raw words[\s\S]*last$/);
  assert.deepEqual(
    document.sections.map((section) => section.heading),
    ["", "See"],
  );
});

test("the format of before version 4", async () => {
  const document = await read({
    worksheets: [
      {
        cells: [
          { cell_type: "heading", level: 2, source: ["Old"] },
          { cell_type: "code", input: ["x = 1"], outputs: [{ output_type: "pyout", text: ["1"], png: "AAAA" }] },
        ],
      },
    ],
  });
  assert.deepEqual(sectionTexts(document), ["Old: x = 1\n\n1"]);
});

test("an output over its bound is cut, and that is told", async () => {
  const parsed = await readAll({
    cells: [markdown("x"), code("y", { output_type: "stream", text: "z".repeat(20_001) })],
  });
  assert.equal(documentsOf(parsed)[0]?.text.length, 20_007);
  assert.deepEqual(
    faultsOf(parsed).map(({ id, code }) => [id, code]),
    [["outputs of cells 2", "content_lost"]],
  );
});

test("no notebook, or an empty one, is an error with a sentence", async () => {
  await assert.rejects(readAll('{"cells": [secret'), failsWith("parse_failed", /^"study\.ipynb" is not valid JSON/));
  await assert.rejects(readAll("[1]"), failsWith("parse_failed", /no notebook/));
  await assert.rejects(readAll({ cells: [code(" \n")] }), failsWith("content_empty"));
  await assert.rejects(
    readAll({ cells: [null, 1, { source: 4, outputs: [null, { data: 1 }] }] }),
    failsWith("content_empty"),
  );
});

test("random cells come back as they are, in order", async () => {
  const text = fc.stringMatching(/^[A-Za-zäЖ日][\w ,.äЖ日()]{0,60}$/).map((line) => line.trim());
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), text), { minLength: 1, maxLength: 10 }), async (cells) => {
      const document = await read({
        cells: cells.map(([isCode, source]) => (isCode ? code(source) : markdown(source))),
      });
      assert.equal(document.text, cells.map(([, source]) => source).join("\n\n"));
    }),
    { numRuns: 60 },
  );
});
