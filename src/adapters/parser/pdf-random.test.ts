import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import { makePdf, type PlacedText } from "../../../test/support/parser/make-pdf.ts";
import { mutated } from "../../../test/support/parser/mutate.ts";
import { assertSections, parseAll, parseOne } from "../../../test/support/parser/parse.ts";
import { testSeed } from "../../../test/support/seed.ts";
import { createSeeded } from "../../../test/support/seeded.ts";
import { IsthmusError } from "../../core/errors.ts";
import { createPdfParser } from "./pdf.ts";
import { createSandbox } from "./sandbox.ts";

const sandbox = createSandbox({ workers: 1 });
after(() => sandbox.close());
const parser = createPdfParser(sandbox, 32 * 1024 * 1024);
const runs = { seed: testSeed, numRuns: 60 } as const;

const word = fc.stringMatching(/^[a-z]{3,9}$/);
const phrase = fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join(" "));
const textOf = async (texts: readonly PlacedText[]) => (await parseOne(parser, makePdf([{ texts }]))).text;
// A helper of Helvetica's widths would repeat the library's table: this is surely wide enough at 10 points.
const cellWidth = 160;

test("random tables come back by their rows, however their cells are drawn", async () => {
  const cell = fc.array(fc.stringMatching(/^[A-Z][a-z]{2,8}$/), { minLength: 1, maxLength: 2 });
  const table = fc.integer({ min: 2, max: 3 }).chain((width) =>
    fc.array(
      fc.tuple(cell, fc.array(fc.integer({ min: 10, max: 99_999 }), { minLength: width - 1, maxLength: width - 1 })),
      {
        minLength: 2,
        maxLength: 12,
      },
    ),
  );
  const drawn = fc.tuple(table, fc.constantFrom("rows", "columns", "backwards"));
  await fc.assert(
    fc.asyncProperty(drawn, async ([rows, order]) => {
      const texts = rows.map(([name, values]) => [name.join(" "), ...values.map(String)]);
      const cells = texts.flatMap((row, line) =>
        row.map((text, column) => ({ x: 50 + cellWidth * column, y: 740 - 15 * line, text, size: 10 })),
      );
      if (order === "columns") cells.sort((a, b) => a.x - b.x);
      if (order === "backwards") cells.reverse();
      assert.equal(await textOf(cells), texts.map((row) => row.join(" | ")).join("\n"));
    }),
    runs,
  );
});

test("random lines come back word for word, at any place, in any order, at any angle", async () => {
  const page = fc.record({
    lines: fc.array(phrase, { minLength: 1, maxLength: 30 }),
    turned: fc.constantFrom(0, 90, 180, 270),
    backwards: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(page, async ({ lines, turned, backwards }) => {
      const [cosine, sine] = [Math.cos((turned * Math.PI) / 180), Math.sin((turned * Math.PI) / 180)];
      // Around the middle of the page, so that it stays inside when turned.
      const texts = lines.map((text, line) => {
        const [across, up] = [-250, 200 - 13 * line];
        return { x: 306 + across * cosine - up * sine, y: 396 + across * sine + up * cosine, text, size: 8, turned };
      });
      const text = await textOf(backwards ? texts.reverse() : texts);
      assert.equal(text, lines.join("\n"));
    }),
    runs,
  );
});

test("random lines whose letters are set apart come back word for word", async () => {
  const spelled = fc.stringMatching(/^[bcdfghklm][aeiou][mnrst][a-z]{1,6}$/);
  const line = fc.array(spelled, { minLength: 1, maxLength: 5 }).map((words) => words.join(" "));
  const page = fc.record({
    lines: fc.array(line, { minLength: 1, maxLength: 12 }),
    turned: fc.constantFrom(0, 90, 180, 270),
    size: fc.integer({ min: 8, max: 12 }),
    // To the font's size: from where letters look apart to where a space looks like a column's.
    spacing: fc.integer({ min: 14, max: 30 }),
  });
  await fc.assert(
    fc.asyncProperty(page, async ({ lines, turned, size, spacing }) => {
      const [cosine, sine] = [Math.cos((turned * Math.PI) / 180), Math.sin((turned * Math.PI) / 180)];
      const texts = lines.map((text, row) => {
        const [across, up] = [-280, 200 - 20 * row];
        const [x, y] = [306 + across * cosine - up * sine, 396 + across * sine + up * cosine];
        return { x, y, text, size, turned, spacing: (size * spacing) / 100 };
      });
      assert.equal((await textOf(texts)).replace(/\n+/g, "\n"), lines.join("\n"));
    }),
    runs,
  );
});

test("random words hyphenated at random line ends come back whole where the document has them elsewhere", async () => {
  const broken = fc.tuple(fc.stringMatching(/^[a-z]{4,12}$/), fc.integer({ min: 2, max: 10 }));
  await fc.assert(
    fc.asyncProperty(fc.array(broken, { minLength: 1, maxLength: 8 }), async (words) => {
      const whole = words.map(([one]) => one);
      const lines = words.map(([one, at]) => {
        const cut = Math.min(at, one.length - 2);
        return [`before ${one.slice(0, cut)}-`, `${one.slice(cut)} after`];
      });
      const document = await parseOne(parser, makePdf([[whole.join(" ")], ...lines]));
      for (const one of whole) assert.ok(document.text.includes(`before ${one} after`), `${one} in ${document.text}`);
    }),
    runs,
  );
});

// The whole number by `npm run mutate -- test/cases/pdf-*/a.pdf`.
test("200 broken files end with a document or with an error of ours, and the next one is read", async () => {
  const random = createSeeded(testSeed);
  const names = ["pdf-form-values", "pdf-cjk-predefined-cmap", "pdf-annotations", "pdf-two-columns-rowwise"];
  const files: Uint8Array[] = names.map((name) =>
    readFileSync(new URL(`../../../test/cases/${name}/a.pdf`, import.meta.url)),
  );
  files.push(makePdf([["A page"], { texts: [], picture: [64, 64] }, []], { attached: ["a.txt"], title: "Broken" }));
  for (let number = 0; number < 200; number += 1) {
    const bytes = mutated(files[number % files.length] ?? new Uint8Array(), random);
    try {
      for (const parsed of await parseAll(parser, bytes)) if (parsed.kind === "document") assertSections(parsed);
    } catch (error) {
      assert.ok(error instanceof IsthmusError && !error.fatal && error.code !== "internal", `file ${number}: ${error}`);
      assert.notEqual(error.code, "parse_limit", `file ${number} (seed ${testSeed}): ${error.message}`);
    }
  }
  assert.equal((await parseOne(parser, makePdf([["Still alive"]]))).text, "Still alive");
});
