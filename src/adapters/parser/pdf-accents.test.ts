import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsOf } from "./pdf-rows.ts";
import { type PdfTextItem, placeRuns } from "./pdf-runs.ts";

type Piece = readonly [str: string, x: number, width: number, y?: number];

const items = (pieces: readonly Piece[]): PdfTextItem[] =>
  pieces.map(([str, x, width, y = 100]) => ({
    ...{ str, width, dir: "ltr", height: 10, vertical: false },
    transform: [10, 0, 0, 10, x, y],
  }));

const textOf = (...pieces: readonly Piece[]): string =>
  placeRuns(items(pieces))
    .flatMap((runs) => rowsOf(runs))
    .map(({ segments }) => segments.map(({ text }) => text).join(" "))
    .join("\n");

test("an accent that is drawn by itself is put on its letter, before or after", () => {
  // As older TeX fonts have it: the accent, a step back, the letter without its dot.
  assert.equal(textOf(["a na¨", 50, 20], ["ıve trace", 67, 40]), "a naïve trace");
  // The letter, a step back, the accent; under the letter too.
  assert.equal(textOf(["Aviac", 50, 26], ["¸a", 71, 10], ["˜o Civil", 77, 40]), "Aviação Civil");
  // The accent alone and raised, over a capital that begins left of it.
  assert.equal(textOf(["ˇ", 51.5, 4, 102.5], ["Sediv`", 50, 29], ["y,", 75, 8]), "Šedivỳ,");
  assert.equal(textOf(["(", 50, 4], ["˜", 55, 5, 104], ["γ(0)", 54, 20]), "(γ̃(0)");
});

test("what looks like an accent and lies on no letter stays what it is", () => {
  assert.equal(textOf(["acidose", 50, 35], ["¨", 88, 9], ["hyperventilation", 100, 80]), "acidose ¨ hyperventilation");
  assert.equal(textOf(["a`", 50, 10], ["bc", 60, 10]), "a`bc");
  assert.equal(textOf(["12", 50, 10], ["˜5", 57, 10]), "12 ˜5");
});

test("letters in the order of their numbers are a list, and stay apart", () => {
  assert.equal(textOf(["ð ñ ò ó ô õ ö", 50, 90]), "ð ñ ò ó ô õ ö");
  assert.equal(textOf(["Z E B R A", 50, 60]), "ZEBRA");
});
