import assert from "node:assert/strict";
import { test } from "node:test";
import { joinLineEnds, vocabularyOf } from "./line-end-hyphens.ts";

const join = (text: string, elsewhere = "") => joinLineEnds(text, vocabularyOf(`${text}\n${elsewhere}`));

test("words are put together, compounds keep their hyphen", () => {
  const pairs = {
    "the infor-\nmation": "the information",
    "the INFOR-\nMATION": "the INFORMATION",
    "Straßen-\nbahn": "Straßenbahn",
    "well-\nknown": "well-known",
    "cloud-\nbased": "cloud-based",
    "state-of-\nthe-art": "state-of-the-art",
    "decision-mak-\ning": "decision-making",
    "Smith-\nJones": "Smith-Jones",
    "2023-\n24": "2023-24",
    "X-\nray": "X-ray",
    "Ein-\nund Ausgang": "Ein- und Ausgang",
    "soft\u00ad\nware": "software",
  };
  for (const [given, wanted] of Object.entries(pairs)) assert.equal(join(given), wanted);
});

test("what the document has elsewhere decides", () => {
  assert.equal(join("a time-\nout", "timeout"), "a timeout");
  assert.equal(join("the zebra-\nhorse", "a zebra-horse"), "the zebra-horse");
});

test("a dash at a line's end, a list and a number stay", () => {
  for (const text of ["either -\nor", "- one\n- two", "a well-known\nword"]) assert.equal(join(text), text);
});

test("a line of a million letters or hyphens is read once", () => {
  const long = "a".repeat(1_000_000);
  assert.equal(join(`${long}-\nb`), `${long}-\nb`);
  assert.equal(join(`${"a-".repeat(500_000)}\nb`).length, 1_000_002);
});
