import assert from "node:assert/strict";
import { test } from "node:test";
import { letterRecall, wordRecall, wordsOf } from "../../scripts/corpus/recall.ts";

test("words are compared without case, ligatures, width and the hyphens inside compounds", () => {
  assert.deepEqual(wordsOf("The ﬁrst, WELL-known ＡＢＣ 3.5"), ["the", "first", "wellknown", "abc", "3", "5"]);
  assert.deepEqual(wordsOf("縞馬 は"), ["縞", "馬", "は"]);
  assert.deepEqual(wordsOf("얼룩말은 풀을"), ["얼룩말은", "풀을"]);
});

test("each occurrence counts once", () => {
  assert.equal(wordRecall(["a", "a", "b", "c"], ["a", "b", "b"]), 0.5);
  assert.equal(wordRecall(["a"], ["a", "a"]), 1);
  assert.equal(wordRecall([], []), 1);
});

test("letters are there whatever the spaces between them", () => {
  assert.equal(wordRecall(wordsOf("L t d of 1920"), wordsOf("Ltd of 1920")), 0.4);
  assert.equal(letterRecall(wordsOf("L t d of 1920"), wordsOf("Ltd of 1920")), 1);
  assert.equal(letterRecall(wordsOf("abcd"), wordsOf("abc")), 0.75);
});
