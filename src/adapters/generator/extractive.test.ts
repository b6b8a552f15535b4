import assert from "node:assert/strict";
import { test } from "node:test";
import { createExtractiveGenerator } from "./extractive.ts";
import { generatorContract } from "./generator.contract.ts";

generatorContract("extractive", async () => ({ generator: createExtractiveGenerator(), close: async () => {} }));

async function said(scored: readonly (readonly [string, number])[], maxSentences = 5): Promise<string[]> {
  const evidence = scored.map(([text, score], at) => ({ passage: at + 1, text, start: 0, end: text.length, score }));
  const texts: string[] = [];
  const request = { question: "?", passages: [], evidence, maxSentences, maxOutputTokens: 100 };
  for await (const draft of createExtractiveGenerator().generate(request)) {
    if (draft.kind === "sentence") texts.push(draft.text);
  }
  return texts;
}

test("what is far below the best sentence is left out, and what is near is said, three sentences at most", async () => {
  assert.deepEqual(
    await said([
      ["a", -4],
      ["b", -5.9],
      ["c", -6.1],
    ]),
    ["a", "b"],
  );
  assert.deepEqual(
    await said([
      ["a", 1],
      ["b", 1],
      ["c", 1],
      ["d", 1],
    ]),
    ["a", "b", "c"],
  );
  assert.deepEqual(
    await said(
      [
        ["a", 1],
        ["b", 1],
      ],
      1,
    ),
    ["a"],
  );
  assert.deepEqual(await said([]), []);
});

test("a part of a sentence that was said is not said again", async () => {
  assert.deepEqual(
    await said([
      ["It is kept for 30 days, and\nthen removed.", 2],
      ["It is kept for 30 days, and then", 1.9],
      ["Then.", 1],
    ]),
    ["It is kept for 30 days, and\nthen removed.", "Then."],
  );
});

test("what introduces an item is said with the first of them, and quoted by itself", async () => {
  const evidence = ["- Node", "- npm"].map((text) => ({
    passage: 1,
    text,
    leadIn: "It\nneeds:",
    start: 0,
    end: 6,
    score: 1,
  }));
  const request = { question: "?", passages: [], evidence, maxSentences: 5, maxOutputTokens: 100 };
  const drafts = await Array.fromAsync(createExtractiveGenerator().generate(request));
  assert.deepEqual(drafts, [
    {
      kind: "sentence",
      text: "It\nneeds:\n- Node",
      quotes: [
        { passage: 1, text: "It\nneeds:" },
        { passage: 1, text: "- Node" },
      ],
    },
    { kind: "sentence", text: "- npm", quotes: [{ passage: 1, text: "- npm" }] },
  ]);
});
