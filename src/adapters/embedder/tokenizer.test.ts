import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Tokenizer } from "@huggingface/tokenizers";
import { fc } from "../../../test/support/fast-check.ts";
import { bundledModelDirectory } from "../model/bundled.ts";
import { openModelFolder } from "../model/folder.ts";
import { createTokenEstimate } from "./token-estimate.ts";
import { createTokenizer, loadTokenizer, type TextTokenizer, type TokenizerFile } from "./tokenizer.ts";
import { createWordCache } from "./word-cache.ts";

let ours: TextTokenizer;
let file: TokenizerFile;
let library: { encode(text: string): { ids: number[] } };

before(async () => {
  const folder = await openModelFolder(bundledModelDirectory());
  const json = async (name: string) => JSON.parse(new TextDecoder().decode(await folder.read(name)));
  file = await json("tokenizer.json");
  library = new Tokenizer(file, await json("tokenizer_config.json"));
  ours = await loadTokenizer(folder);
});

const fragment = fc.oneof(
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.constantFrom(
    "[SEP]",
    "[CLS",
    "Σ",
    "ΟΔΟΣ",
    "naïve",
    "e\u0301",
    "\u0301",
    "中文",
    "don't",
    "co-op.",
    "\u00a0",
    "\u2028",
    "\t",
    "\n",
    "\r\n",
    "  ",
    "unaffable",
    "x".repeat(60),
  ),
);
const anyText = fc
  .array(fragment, { maxLength: 12 })
  .chain((parts) => fc.constantFrom(parts.join(""), parts.join(" ")));

test("word by word gives the very ids that the library gives for the whole text", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const { ids } = library.encode(text);
      assert.deepEqual(ours.encode(text, 100_000), ids);
      assert.equal(ours.count(text), ids.length - 2);
    }),
    { numRuns: 2_000 },
  );
});

test("truncation keeps the beginning and the special tokens, and never passes the limit", () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 2, max: 20 }), (text, limit) => {
      const { ids } = library.encode(text);
      const cut = ours.encode(text, limit);
      assert.deepEqual(cut, ids.length <= limit ? ids : [...ids.slice(0, limit - 1), ids.at(-1)]);
    }),
    { numRuns: 500 },
  );
});

test("a tokenizer that does not split at spaces is asked for the whole text", () => {
  const other = createTokenizer({ ...file, normalizer: { type: "Lowercase" } }, {});
  assert.equal(other.count("the cat sat"), 3);
  assert.deepEqual(other.encode("the cat sat", 4), library.encode("the cat").ids);
});

test("a tokenizer without special tokens is refused", () => {
  assert.throws(() => createTokenizer({ ...file, post_processor: null } as TokenizerFile, {}), /special tokens/);
});

test("the cache asks once for a word, and not at all for what is cut off", () => {
  const asked: string[] = [];
  const cache = createWordCache((word) => {
    asked.push(word);
    return [word.length];
  });
  assert.deepEqual(cache.encode("a bb a\tccc dddd", 4), [1, 2, 1, 3]);
  assert.equal(cache.count("bb ccc\n"), 2);
  assert.deepEqual(cache.encode("zzz", 0), []);
  assert.deepEqual(asked, ["a", "bb", "ccc"]);
});

test("the estimate for unknown models is on the safe side and truncates to its own limit", () => {
  const estimate = createTokenEstimate(ours);
  assert.equal(estimate.count(""), 0);
  assert.ok(estimate.count("the cat sat on the mat") >= 7);
  assert.ok(estimate.count("สวัสดีครับ") >= 7, "a script that WordPiece knows nothing of");
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 20 }), (text, limit) => {
      const kept = estimate.truncate(text, limit);
      assert.ok(text.startsWith(kept) && estimate.count(kept) <= limit);
      if (estimate.count(text) <= limit) assert.equal(kept, text);
    }),
    { numRuns: 500 },
  );
});
