import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import { createFormReader } from "./form.ts";
import type { Draft } from "./types.ts";

function read(text: string, whole = true, pieceLength = text.length): Draft[] {
  const reader = createFormReader();
  const drafts: Draft[] = [];
  for (let at = 0; at < text.length; at += Math.max(1, pieceLength))
    drafts.push(...reader.push(text.slice(at, at + Math.max(1, pieceLength))));
  return [...drafts, ...reader.end(whole)];
}

const kinds = (text: string, whole = true) => read(text, whole).map(({ kind }) => kind);
const one = { kind: "sentence", text: "It is so.", quotes: [{ passage: 2, text: "so it is" }] };

describe("the form that a model writes in", () => {
  for (const [name, text] of [
    ["plain", "Q2: so it is\nS: It is so.\nEND\n"],
    ["without an end", "Q2: so it is\nS: It is so."],
    ["with another system's line breaks", "Q2: so it is\r\nS: It is so.\r\nEND\r\n"],
    ["fenced", "```\nQ2: so it is\nS: It is so.\n```\nEND"],
    ["listed and emphasised", "- **Q2:** so it is\n- **S:** It is so.\nEND"],
    ["in quotation marks", 'Q2: "so it is"\nS: It is so.\nEND'],
    ["after thinking", "<think>\nQ1: what\nS: if\n</think>\n\nQ2: so it is\nS: It is so.\nEND"],
    ["after thinking on one line", "<think>hm</think>\nQ2: so it is\nS: It is so.\nEND."],
  ] as const) {
    test(name, () => assert.deepEqual(read(text), [one]));
  }

  test("cut anywhere it reads the same", () => {
    const text = "Q2: so it is\nS: It is so.\nwhat?\nQ1: a\nQ3: b\nS: C.\nEND\nS: after";
    for (let length = 1; length < text.length; length++) assert.deepEqual(read(text, true, length), read(text));
    assert.deepEqual(kinds(text), ["sentence", "garbled", "sentence"]);
  });

  for (const [name, text, expected] of [
    ["declines", "NONE\n", ["declined"]],
    ["declines after all", "Q2: so it is\nS: It is so.\nNONE", ["sentence"]],
    ["prose", "Sure! Here is the answer.\nBackups are kept.", ["garbled", "garbled"]],
    ["a sentence without quotes", "S: It is so.", ["sentence"]],
    ["quotes without a sentence", "Q1: so\nEND", ["garbled"]],
    ["nothing", "", []],
    ["an invisible character", "Q1: so\nS: It\u200bis.\n", ["garbled"]],
    ["a right-to-left override", "Q1: so\nS: It \u202eis.\n", ["garbled"]],
    ["what was no text", "Q1: so\nS: It \ufffd.\n", ["garbled"]],
    ["a passage of no number", "Qx: so\n", ["garbled"]],
  ] as const) {
    test(name, () => assert.deepEqual(kinds(text), expected));
  }

  test("the quotes of a sentence that was garbled are not the next one's", () => {
    assert.deepEqual(read("Q1: so\nS: \u202e\nQ2: so it is\nS: It is so.\nEND"), [{ kind: "garbled" }, one]);
  });

  test("half a line at the end is no sentence where the model was stopped", () => {
    assert.deepEqual(kinds("Q2: so it is\nS: It is", false), ["garbled", "garbled"]);
    assert.deepEqual(kinds("Q2: so it is\nS: It is so.\n", false), ["sentence"]);
  });

  test("an endless line is kept in no memory, and the next one counts again", () => {
    const reader = createFormReader();
    const drafts = Array.from({ length: 100 }, () => reader.push("x".repeat(1_000))).flat();
    assert.deepEqual(drafts, [{ kind: "garbled" }]);
    assert.deepEqual(reader.push("\nQ2: so it is\nS: It is so.\n"), [one]);
  });

  test("garbage without end is not read to its end", () => {
    const reader = createFormReader();
    for (let line = 0; line < 100 && !reader.ended; line++) reader.push("garbage\n");
    assert.ok(reader.ended);
    assert.deepEqual(reader.push("Q2: so it is\nS: It is so.\n"), []);
  });

  test("whatever is written, cut anywhere, nothing is thrown and it reads the same", () => {
    const piece = fc.constantFrom(
      "Q1: ",
      "Q2:",
      "S: ",
      "END",
      "NONE",
      "\n",
      "\r",
      "<think>",
      "</think>",
      "```",
      "a",
      " ",
      "*",
      "é",
      "\u0000",
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(piece, fc.string()), { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        (pieces, length) => {
          const text = pieces.join("");
          assert.deepEqual(read(text, true, length), read(text));
        },
      ),
    );
  });
});
