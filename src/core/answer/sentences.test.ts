import assert from "node:assert/strict";
import { test } from "node:test";
import { sentencesOf } from "./sentences.ts";

/** Each with its kind, and with what introduces it. */
const told = (text: string) =>
  sentencesOf(text).map(({ start, end, kind, leadIn }) => [
    kind,
    text.slice(start, end),
    ...(leadIn ? [text.slice(leadIn.start, leadIn.end)] : []),
  ]);

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

test("a wrapped line ends no sentence; a list item, a row and a heading do", () => {
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

test("code is kept whole, with the words before it; where a passage was cut out of it, without the fence that is left", () => {
  assert.deepEqual(told("Start it:\n\n```sh\nnpm start\n\nnpm test\n```\n\nIt runs."), [
    ["prose", "Start it:"],
    ["code", "```sh\nnpm start\n\nnpm test\n```", "Start it:"],
    ["prose", "It runs."],
  ]);
  assert.deepEqual(told("npm start # or\nnpm test\n```\n\nIt runs:\n\n```sh\nnpm ci\n```"), [
    ["code", "npm start # or\nnpm test"],
    ["prose", "It runs:"],
    ["code", "```sh\nnpm ci\n```", "It runs:"],
  ]);
  assert.deepEqual(told("It runs.\n```\nnpm ci"), [
    ["prose", "It runs."],
    ["code", "npm ci"],
  ]);
  assert.deepEqual(told("The folders:\n\n    src/core/   the engine\n    test/       tests\n\nMore below."), [
    ["prose", "The folders:"],
    ["code", "src/core/   the engine\n    test/       tests", "The folders:"],
    ["prose", "More below."],
  ]);
  const line = `${"word ".repeat(60)}\n`;
  assert.deepEqual(
    sentencesOf(`\`\`\`\n${line.repeat(7)}\`\`\``).map(({ kind, start, end }) => [kind, end - start < 1_000]),
    [
      ["code", true],
      ["code", true],
      ["code", true],
    ],
  );
});

test("a row carries the names of its columns, unless the passage begins below them; a rule is nothing", () => {
  const rows = "| code | meaning |\n|---|:-:|\n| 1 | failed |\n| 2 | some failed |";
  assert.deepEqual(told(rows), [
    ["row", "| 1 | failed |", "| code | meaning |"],
    ["row", "| 2 | some failed |", "| code | meaning |"],
  ]);
  assert.deepEqual(
    told("| one | failed |\n| two | some failed |\n| three | all failed |").map(([kind, , ...leadIn]) => [
      kind,
      ...leadIn,
    ]),
    [["row"], ["row"], ["row"]],
  );
});

test("an item carries what introduces its list, an inner one the item above it; a label goes with its sentence", () => {
  assert.deepEqual(
    told("It needs:\n\n- Node\n- a compiler, one of:\n  - gcc\n  - clang\n- time\n\nThen go on.\n\n- Rest"),
    [
      ["prose", "It needs:"],
      ["item", "- Node", "It needs:"],
      ["item", "- a compiler, one of:", "It needs:"],
      ["item", "- gcc", "- a compiler, one of:"],
      ["item", "- clang", "- a compiler, one of:"],
      ["item", "- time", "It needs:"],
      ["prose", "Then go on."],
      ["item", "- Rest"],
    ],
  );
  assert.deepEqual(told("## Failures\n\n**When it fails.** It is tried again. Then it ends."), [
    ["heading", "## Failures"],
    ["heading", "**When it fails.**"],
    ["prose", "It is tried again.", "**When it fails.**"],
    ["prose", "Then it ends."],
  ]);
});

test("a wrapped line goes on with code or a bracket as well", () => {
  const text =
    "An adapter is a folder under\n`src/adapters` whose factory returns the port. It lies\n(as others do) there, far away from all that is core's.";
  assert.equal(cut(text).length, 2);
});

test("a line that stands further in than its item's mark belongs to the item, whatever it begins with", () => {
  const wide = "- An item whose line is a good deal longer than any of the others that stand here beside it";
  assert.deepEqual(cut(`- The bound is\n  20 documents.\n${wide}\n1. Ask for\n   Maria Lopez.\n   She knows.\n`), [
    "- The bound is\n  20 documents.",
    wide,
    "1. Ask for\n   Maria Lopez.",
    "She knows.",
  ]);
  assert.deepEqual(cut("- the first\n  - the second, inside\n- the third\n\nNo item."), [
    "- the first",
    "- the second, inside",
    "- the third",
    "No item.",
  ]);
});

test("what follows a question in its paragraph is said with it: a reply says nothing, or something else, without", () => {
  assert.deepEqual(told("Do guests get a desk? No. They bring their own. It is so since May.\n\nThe end."), [
    ["prose", "Do guests get a desk?"],
    ["prose", "No. They bring their own.", "Do guests get a desk?"],
    ["prose", "It is so since May.", "Do guests get a desk?"],
    ["prose", "The end."],
  ]);
  assert.deepEqual(told("**May I bring a dog?** Yes, on Fridays.\n\n- Who pays? You do."), [
    ["heading", "**May I bring a dog?**"],
    ["prose", "Yes, on Fridays.", "**May I bring a dog?**"],
    ["item", "- Who pays?"],
    ["item", "You do.", "- Who pays?"],
  ]);
  assert.deepEqual(
    told("**Is the gym free?**\n\nOnly for staff. It is small.\n\n### What is open?\n\n- the pool\n- the park"),
    [
      ["prose", "**Is the gym free?**"],
      ["prose", "Only for staff.", "**Is the gym free?**"],
      ["prose", "It is small.", "**Is the gym free?**"],
      ["heading", "### What is open?"],
      ["item", "- the pool", "### What is open?"],
      ["item", "- the park", "### What is open?"],
    ],
  );
});
