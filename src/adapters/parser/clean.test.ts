import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import { cleanLine, cleanText } from "./clean.ts";

test("invisible characters go, line ends become LF", () => {
  assert.equal(cleanText("a\0b\u200bc\u2060d\ufeffe\u00adf"), "abcdef");
  assert.equal(cleanText("pass\u200dword pass\u200cword"), "password password");
  assert.equal(cleanText("one\r\ntwo\rthree\nfour"), "one\ntwo\nthree\nfour");
  assert.equal(cleanText("hi\u{e0041}\u{e0042}\u{e007f}!"), "hi!");
  assert.equal(cleanText("half \ud83d of a pair"), "half \ufffd of a pair");
});

test("joiners stay where they are spelling: in emoji, and in scripts written with them", () => {
  const spelled = [
    "👩‍💻",
    "👨‍👩‍👧",
    "🏳️‍🌈",
    "👩🏻‍❤️‍💋‍👨🏼",
    "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    "می\u200cخواهم",
    "क्\u200dष",
  ];
  for (const text of spelled) assert.equal(cleanText(`x ${text} y`), `x ${text} y`);
  assert.equal(cleanText("👩\u200d and \u200d💻"), "👩 and 💻");
});

test("cleaning clean text changes nothing, and nothing suspicious is left in Latin text", () => {
  const unit = fc.constantFrom(
    "a",
    "é",
    " ",
    "\r",
    "\n",
    "\0",
    "\u200b",
    "\u200c",
    "\u200d",
    "\ufeff",
    "👩",
    "💻",
    "\ufe0f",
    "م",
    "\u{1f3f4}",
    "\u{e0067}",
    "\u{e007f}",
    "\ud800",
  );
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 30 }), (units) => {
      const once = cleanText(units.join(""));
      assert.equal(cleanText(once), once);
      assert.doesNotMatch(once, /[\0\r\u200b\ufeff]|[a-zé][\u200c\u200d]/);
      assert.ok(once.isWellFormed());
    }),
  );
});

test("a title is one line of at most 300 characters", () => {
  assert.equal(cleanLine(" a\n\tb\u0007 "), "a b");
  assert.equal(cleanLine("x".repeat(1000)).length, 300);
});
