import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { failsWith, parseOne } from "../../../test/support/parser/parse.ts";
import { createPdfParser } from "./pdf.ts";
import { createSandbox } from "./sandbox.ts";

const sandbox = createSandbox({ workers: 1 });
after(() => sandbox.close());
const parser = createPdfParser(sandbox, 32 * 1024 * 1024);

const column = (words: string) => [0, 1, 2, 3, 4].map((line) => `${words} line ${line}.`).join("\n");

/** The whole text of each case of test/cases, whose README says what is in it. */
const expected: Readonly<Record<string, string>> = {
  "pdf-annotations": "Contract text.\n\nFree okapi text\n\nComment: Zebra legal remark",
  "pdf-cells-right-to-left": "Zebra, Zena | keeper | 37,499.96\nOkapi, Olga | driver | 21,000.00",
  "pdf-cjk-korean": "얼룩말은 풀을 먹는다.",
  "pdf-cjk-predefined-cmap": "縞馬は草を食べる。東京の動物園にいる。\n\nZebra note",
  "pdf-fake-bold": "ZEBRA REPORT\nordinary line",
  "pdf-form-only": "Zena Zebra",
  "pdf-form-values": "Name: Zena Zebra\n\nSpecies: giraffe",
  "pdf-header-glue": "Zebra Register 47699\n\nBody text.",
  "pdf-hyphens":
    "The cooperative zebra is well-known and has state-of-the-art stripes in 2023-24 and e-Mail and Smith-Jones sell X-rays.",
  "pdf-letterspaced": "ZEBRA HERD",
  "pdf-rotated-90": "Rotated zebra 0 line\nRotated zebra 1 line\nRotated zebra 2 line",
  "pdf-superscript": "The herd grew 12 fast",
  "pdf-two-columns-rowwise": `${column("Left zebra")}\n\n${column("Right okapi")}`,
};

const read = (name: string) =>
  parseOne(parser, readFileSync(new URL(`../../../test/cases/${name}/a.pdf`, import.meta.url)), {
    uri: "file:///docs/a.pdf",
  });

for (const [name, text] of Object.entries(expected)) {
  test(name, async () => {
    assert.equal((await read(name)).text, text);
  });
}

test("pdf-blank: a blank page is no scan", async () => {
  await assert.rejects(read("pdf-blank"), failsWith("content_empty", /1 page, and it is blank/));
});
