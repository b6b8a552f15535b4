/** A stretch of a text, in UTF-16 code units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A text in the form that quotes are compared in, with the way back to its own offsets. */
export interface Comparable {
  /** NFC, each run of white space one space. */
  readonly text: string;
  /** For each code unit of `text`: where the piece it was made of begins and ends in the original. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** What NFC may join: a letter with its marks, or the parts of a Hangul syllable; and runs of white space. */
const PIECE = /\s+|[\u1100-\u115f\uac00-\ud7a3][\u1160-\u11ff]+\p{M}*|\P{M}\p{M}*|\p{M}+/gu;

/** @see Comparable */
export function comparable(original: string): Comparable {
  let text = "";
  const starts: number[] = [];
  const ends: number[] = [];
  for (const { 0: piece, index } of original.matchAll(PIECE)) {
    const form = /^\s/.test(piece) ? " " : piece.normalize("NFC");
    text += form;
    for (let unit = 0; unit < form.length; unit++) {
      starts.push(index);
      ends.push(index + piece.length);
    }
  }
  return { text, starts, ends };
}

/** Letters and digits that a quote of fewer may not rest on: a lone "the" stands in every passage. */
const leastCharacters = 3;

/**
 * Where a quote occurs in a passage: word for word, white space and Unicode form aside. It begins and ends where words and numbers do,
 * so that "port 80" is not found in "port 8080", nor "5 degrees" in "-5 degrees".
 *
 * @returns the stretch of the original passage, or undefined.
 */
export function findQuote(passage: Comparable, quote: string): Span | undefined {
  const wanted = comparable(quote.trim()).text;
  if ((wanted.match(/[\p{L}\p{N}]/gu) ?? []).length < leastCharacters) return undefined;
  for (let at = passage.text.indexOf(wanted); at >= 0; at = passage.text.indexOf(wanted, at + 1)) {
    const end = at + wanted.length;
    if (cutsAt(passage.text, at) || cutsAt(passage.text, end) || losesSign(passage.text, at)) continue;
    const start = passage.starts[at];
    const last = passage.ends[end - 1];
    if (start !== undefined && last !== undefined) return { start, end: last };
  }
  return undefined;
}

const SPACELESS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const WORDLIKE = /[\p{L}\p{N}\p{M}_]/u;

/** Whether a cut here would go through a word or a number. */
function cutsAt(text: string, at: number): boolean {
  const before = lastCharacter(text, at);
  const after = firstCharacter(text, at);
  if (before === "" || after === "") return false;
  if (WORDLIKE.test(before) && WORDLIKE.test(after)) return !(SPACELESS.test(before) && SPACELESS.test(after));
  // 1.5 and 1,200 go on after their point; so does a decimal that begins before it.
  if (/[.,:'’]/.test(after) && /\p{N}/u.test(before)) return /^\p{N}/u.test(text.slice(at + 1, at + 3));
  if (/[.,:'’]/.test(before) && /\p{N}/u.test(after)) return /\p{N}/u.test(lastCharacter(text, at - 1));
  return false;
}

/** Whether a number at this place has a minus before it. */
function losesSign(text: string, at: number): boolean {
  return /\p{N}/u.test(firstCharacter(text, at)) && /(^|[\s(])[-−–]$/u.test(text.slice(Math.max(0, at - 2), at));
}

function firstCharacter(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? "" : String.fromCodePoint(code);
}

function lastCharacter(text: string, at: number): string {
  const pair = text.slice(Math.max(0, at - 2), at);
  const code = pair.length === 2 ? pair.codePointAt(0) : undefined;
  return code !== undefined && code > 0xffff ? pair : text.slice(Math.max(0, at - 1), at);
}
