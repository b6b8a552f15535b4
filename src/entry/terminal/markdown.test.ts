import assert from "node:assert/strict";
import { test } from "node:test";
import { isMarkdown, markdownLines } from "./markdown.ts";

test("words without marks, addresses of the web beside what leads there", () => {
  for (const [written, read] of [
    ["`ISTHMUS_GENERATOR` is **one** of [these](a.md#b).", "ISTHMUS_GENERATOR is one of these."],
    [
      "See [the page](https://example.com/x) or https://example.com.",
      "See the page (https://example.com/x) or https://example.com.",
    ],
    ["**[Both](a.md)** and `a*b*c` and `` ` ``", "Both and a*b*c and `"],
    [
      "2 * 3 * 4, snake_case_name, an array[1] (one), \\*as is\\*",
      "2 * 3 * 4, snake_case_name, an array[1] (one), *as is*",
    ],
    ["A `tick alone, and **stars", "A `tick alone, and **stars"],
    ["## Backups", "Backups"],
    ["- an item", "- an item"],
  ] as const) {
    assert.deepEqual(markdownLines(written), [read], written);
  }
});

test("a row below the names of its columns is its cells with their names; without them its cells", () => {
  assert.deepEqual(markdownLines("| provider | what | |\n|---|---|---|\n| `a:M` | one \\| two | |"), [
    "provider: a:M",
    "what: one | two",
  ]);
  assert.deepEqual(markdownLines("| provider | what |\n| `a:M` | one |"), ["provider: a:M", "what: one"]);
  assert.deepEqual(markdownLines("| `a:M` | one |"), ["a:M · one"]);
});

test("code is set in without its fences, and left as it is", () => {
  assert.deepEqual(markdownLines("To start it:\n```sh\nrun `x` **now**\n```\nDone."), [
    "To start it:",
    "    run `x` **now**",
    "Done.",
  ]);
});

test("hostile text costs no time", () => {
  for (const piece of ["`", "[", "**", "*a", "\\", "|", "![](", "[a](", "`` ` "]) markdownLines(piece.repeat(5_000));
});

test("what is Markdown", () => {
  assert.ok(isMarkdown("file:///docs/A.MD") && isMarkdown("gs://bucket/a.markdown"));
  assert.ok(!isMarkdown("file:///a.txt") && !isMarkdown("file:///a.csv#3"));
});
