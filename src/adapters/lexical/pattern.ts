/** All of a pattern's places in a text, for `match`, `matchAll`, `replace`, `search` and `split`; a text in ASCII may say so. */
export type Pattern = (isAscii: boolean) => RegExp;

/** What texts may hold, and what it cannot do without. */
export interface Kind {
  readonly hint: RegExp;
  readonly pattern: Pattern;
}

const NOT_ASCII = /[^\0-\x7f]/;
/** What Unicode's classes are in ASCII. They stand within brackets. */
const inAscii: readonly (readonly [string, string])[] = [
  ["\\p{L}", "a-zA-Z"],
  ["\\p{Ll}", "a-z"],
  ["\\p{Lu}", "A-Z"],
  ["\\p{M}", ""],
  ["\\p{N}", "0-9"],
];

/**
 * A pattern of words in any script. Most texts are ASCII alone, and for these it does without the classes of Unicode, whose hundreds of
 * ranges cost more to compile than a text of a few pages to search. Compiled when the first text of its kind comes.
 * @param source of a regular expression, its classes (`\p{L}`, `\p{Ll}`, `\p{Lu}`, `\p{M}`, `\p{N}`) within brackets.
 */
export function pattern(source: string): Pattern {
  let ascii: RegExp | undefined;
  let unicode: RegExp | undefined;
  return (isAscii) => {
    if (!isAscii) {
      unicode ??= new RegExp(source, "gu");
      return unicode;
    }
    ascii ??= new RegExp(plain(source), "g");
    return ascii;
  };
}

/**
 * Most texts have few kinds of forms, and looking for what one cannot do without costs a tenth of looking for it, and of compiling its
 * pattern, which the garbage collector drops again.
 * @param hint lets through more than there is, never less; for any script, without classes of Unicode and of single places.
 */
export function kind(hint: RegExp, source: string): Kind {
  return { hint, pattern: pattern(source) };
}

/** All of a kind in a text. */
export function found(text: string, { hint, pattern }: Kind, ascii: boolean): readonly string[] {
  return hint.test(text) ? (text.match(pattern(ascii)) ?? []) : [];
}

/** The same, with their groups. */
export function foundParts(text: string, { hint, pattern }: Kind, ascii: boolean): Iterable<RegExpExecArray> {
  return hint.test(text) ? text.matchAll(pattern(ascii)) : [];
}

function plain(source: string): string {
  return inAscii.reduce((written, [name, letters]) => written.replaceAll(name, letters), source);
}

export function isAscii(text: string): boolean {
  return !NOT_ASCII.test(text);
}
