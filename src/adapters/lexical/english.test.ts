import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import { createEnglishAnalyzer } from "./english.ts";

const analyzer = createEnglishAnalyzer();
const terms = async (text: string): Promise<string> => (await analyzer.terms(text)).join(" ");

test("folds case, accents and compatibility forms, drops stop words, and stems", async () => {
  assert.equal(await terms("The Wings of the AEROPLANES were vibrating"), "wing aeroplan vibrat");
  assert.equal(await terms("Café naïve ﬁnal Ⅷ Ångström"), "cafe naiv final viii angstrom aangstroem");
  assert.equal(await terms("the wing's and the wings’ don't we'll O'Neill"), "wing wing oneil neill");
});

test("keeps identifiers whole and in parts, and numbers", async () => {
  assert.equal(await terms("ISTHMUS_DATA_DIR"), "isthmus_data_dir isthmu data dir isthmusdatadir");
  assert.equal(await terms("node:sqlite"), "node:sqlite node sqlite");
  assert.equal(
    await terms("see file.txt. Then 3.14, 1.39.0 and 1,234,567 in 2024"),
    "see file.txt file txt 3.14 1.39.0 1234567 2024 filetxt",
  );
  assert.equal(await terms("state-of-the-art C3PO"), "state art c3po stateoftheart 3 po 3po");
});

test("gives the characters and the pairs of scripts without spaces", async () => {
  assert.equal(await terms("東京都 2024年"), "東 東京 京 京都 都 2024 年");
  assert.equal(await terms("コーヒー"), "コ コー ー ーヒ ヒ ヒー ー");
  assert.ok((await analyzer.terms("한국어 हिन्दी")).includes("한국어"));
  assert.ok((await analyzer.terms("비가")).includes("비"));
});

test("a text in capitals is found by the terms of the text", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("wing", "Überschall", "naïve", "node:sqlite", "a_b", "x'y", "1,000"), { maxLength: 6 }),
      async (words) => {
        const inCapitals = new Set(await analyzer.terms(words.join(" ").toUpperCase()));
        // Groups of capitals and digits may be one name besides.
        assert.deepEqual(
          (await analyzer.terms(words.join(" "))).filter((term) => !inCapitals.has(term)),
          [],
        );
      },
    ),
  );
});

test("no term is empty, holds white space or upper-case ASCII, or is longer than 64 units", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary", maxLength: 200 }), async (text) => {
      for (const term of await analyzer.terms(text)) assert.match(term, /^[^\sA-Z]{1,64}$/);
    }),
    { numRuns: 1_000 },
  );
  assert.deepEqual(await analyzer.terms("x".repeat(1_000_000)), ["x".repeat(64)]);
});

test("a picture is a word, whatever joins it to others, colours its skin or chooses how it is drawn", async () => {
  assert.equal(await terms("party🎉now ❤️ ❤ 👍🏽 👩‍🚀 🇩🇪 1️⃣"), "parti 1 🎉 ❤ ❤ 👍 👩 🚀 🇩🇪");
});

test("a stem is the same whoever loaded its script, and letters that only look of another script load nothing", async () => {
  const first = await createEnglishAnalyzer().terms("больницами μεγάλες 5 µm");
  assert.deepEqual(await Promise.all([analyzer.terms("больницами μεγάλες 5 µm")]), [first]);
  assert.ok((await analyzer.terms("больница")).some((term) => first.includes(term)));
});
