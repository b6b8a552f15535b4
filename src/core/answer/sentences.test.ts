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
    "| 1 | 2 |",
  ]);
  assert.deepEqual(cut("So:\n```sh\nnpm start\nnpm test\n```\n"), ["So:", "npm start", "npm test"]);
});

test("emphasis belongs to the sentence it closes", () => {
  assert.deepEqual(cut("**It runs for real.** Schemas are read."), ["**It runs for real.**", "Schemas are read."]);
});

test("a line that ends in the middle of what it says goes on, however short it is; a list without marks does not", () => {
  const wide = "Pictures, sound, video and archives are left out, and so is whatever begins with a dot.";
  assert.deepEqual(cut(`${wide} A symbolic link is\nfollowed, unless it leads back. It says so.`), [
    wide,
    "A symbolic link is\nfollowed, unless it leads back.",
    "It says so.",
  ]);
  assert.deepEqual(cut("flour\nsalt\nand quite some more of the finest butter that there is in town"), [
    "flour",
    "salt",
    "and quite some more of the finest butter that there is in town",
  ]);
});

test("a sentence that begins with code is one; the heading of a table is none", () => {
  assert.deepEqual(cut("It is tried three times. `--retry` tries once more. Call `a.b` then."), [
    "It is tried three times.",
    "`--retry` tries once more.",
    "Call `a.b` then.",
  ]);
  assert.deepEqual(cut("| code | meaning |\n|---|:-:|\n| 1 | failed |"), ["| 1 | failed |"]);
});
