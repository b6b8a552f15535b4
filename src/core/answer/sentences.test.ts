import assert from "node:assert/strict";
import { test } from "node:test";
import { sentencesOf } from "./sentences.ts";

const cut = (text: string) => sentencesOf(text).map(({ start, end }) => text.slice(start, end));

test("a full stop ends no sentence after an abbreviation, an initial or inside a name", () => {
  for (const text of [
    "Dr. Smith met J. R. Jones in St. Louis.",
    "Run `node.Server` from lib/index.js, i.e. Node's own.",
    "Version 1.5 of the U.S. Army manual is out.",
  ]) {
    assert.deepEqual(cut(text), [text]);
  }
  assert.deepEqual(cut("He lived in the U.S. The law changed."), ["He lived in the U.S.", "The law changed."]);
});

test("a wrapped line ends no sentence; a list item, a row, a heading and a line of code do", () => {
  const wrapped = "The index is made from the bucket, so that nothing is lost but\ntime. A backup saves the hours.";
  assert.deepEqual(cut(wrapped), [
    "The index is made from the bucket, so that nothing is lost but\ntime.",
    "A backup saves the hours.",
  ]);
  assert.deepEqual(cut("# Ports\n\n- 80 is open\n- 443 is open\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"), [
    "# Ports",
    "- 80 is open",
    "- 443 is open",
    "| a | b |",
    "| 1 | 2 |",
  ]);
  assert.deepEqual(cut("So:\n```sh\nnpm start\nnpm test\n```\n"), ["So:", "npm start", "npm test"]);
});

test("emphasis belongs to the sentence it closes", () => {
  assert.deepEqual(cut("**It runs for real.** Schemas are read."), ["**It runs for real.**", "Schemas are read."]);
});
