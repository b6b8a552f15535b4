import { found, kind } from "./pattern.ts";

/** What is looked for in a text as it was written. */
export const kinds = {
  /** Names joined by a hyphen are one, also without it: `USB-C`, `Wi-Fi`, `Objective-C`. */
  joined: kind(
    /[A-Z\x80-\uffff][A-Za-z\x80-\uffff]*[-\u2010\u2011][A-Z\x80-\uffff]/,
    String.raw`(?<![\p{L}\p{N}])[\p{Lu}][\p{L}]*(?:[\-\u2010\u2011][\p{Lu}][\p{L}]*)+(?![\p{L}\p{N}])`,
  ),
  /** Capitals and digits in short groups: `06A 115 561 B`, `LM 317 T`, `RFC 9110`, `AB12 CDE`. */
  spaced: kind(
    /[A-Z\d\x80-\uffff][ -][A-Z\d\x80-\uffff]/,
    String.raw`(?<![\p{L}\p{N}])(?:[\p{Lu}]{1,4}|[\p{Lu}\d]{1,7})(?:[ \-](?:[\p{Lu}]{1,4}|[\p{Lu}\d]{1,7})){1,5}(?![\p{L}\p{N}])`,
  ),
};
const HYPHENS = /[-\u2010\u2011]/g;
const leastSpaced = 3;
const mostSpaced = 20;
const THOUSANDS = /(?<=\d),(?=\d{3}(?!\d))/g;
const DIGITS = /^\d+$/;
const NAME = /^\p{Lu}{2,}$/u;
const DIGIT = /\d/;
const CAPITAL = /\p{Lu}/u;

/**
 * What capitals show to be one name, in lower case: its parts as one word, and in a longer run each name with the number after it besides.
 * @param text as it was written.
 */
export function capitals(text: string, ascii: boolean): string[] {
  const joined = found(text, kinds.joined, ascii).map((name) => name.replace(HYPHENS, ""));
  const spaced = found(text.replace(THOUSANDS, ""), kinds.spaced, ascii).flatMap((run) => inOne(run.split(/[ -]/)));
  return [...joined, ...spaced].map((form) => form.toLowerCase());
}

function inOne(groups: readonly string[]): string[] {
  const whole = groups.join("");
  if (!DIGIT.test(whole) || !CAPITAL.test(whole)) return [];
  const forms = whole.length >= leastSpaced && whole.length <= mostSpaced ? [whole] : [];
  if (groups.length > 2) {
    groups.slice(1).forEach((group, at) => {
      const name = groups[at] ?? "";
      if (NAME.test(name) && DIGITS.test(group)) forms.push(name + group);
    });
  }
  return forms;
}
