// First parts that make compounds with nearly any word, and last parts that do.
const heads = new Set(
  (
    "well ill self ex non half high low long short full part first second third two three four five six seven eight nine ten " +
    "cross double single multi all much so then e-mail state one old new large small top up out over real open closed end " +
    "hard soft left right fine broad wide narrow deep light dark heavy red blue green black white user time world"
  ).split(" "),
);
const tails = new Set(
  (
    "known based like free specific related oriented driven aware defined dependent independent level wide style term scale " +
    "sized shaped friendly proof made built to called quality value effective efficient of the art so looking party person " +
    "hand owned funded led year day hour week month old"
  ).split(" "),
);
const inner = new Set("of the in to by and for at on a an de la le du en und y".split(" "));
// "Ein- und Ausgang": the hyphen stands for what is left out.
const suspended = new Set("and or und oder bzw et ou og och".split(" "));

// A word longer than this is no word, and looking back for its beginning would take long.
const longestWord = 100;

/** The words and compounds of a text, lower case: the evidence by which `joinLineEnds` decides. */
export function vocabularyOf(text: string, vocabulary = new Set<string>()): Set<string> {
  for (const [word] of text.matchAll(/[\p{L}\p{M}\p{N}]+(?:[-‐][\p{L}\p{M}\p{N}]+)*/gu)) {
    if (word.length <= longestWord) vocabulary.add(word.toLowerCase().replaceAll("‐", "-"));
  }
  return vocabulary;
}

/**
 * Puts words together that a hyphen divides at the end of a line. A compound keeps its hyphen: one that the document has
 * elsewhere, one of numbers, capitals or single letters, one of parts that make compounds. A soft hyphen always goes.
 *
 * @param vocabulary of the whole document, from `vocabularyOf`.
 */
export function joinLineEnds(text: string, vocabulary: ReadonlySet<string>): string {
  if (!/[-‐\u00ad]\n/.test(text)) return text;
  // Written here, for its classes take milliseconds to parse, which texts without such a line need not pay.
  const lineEnd =
    /([\p{L}\p{M}\p{N}'’\-‐]*[\p{L}\p{M}\p{N}])([-‐\u00ad])\n(?=([\p{L}\p{N}][\p{L}\p{M}\p{N}'’]*)((?:[-‐][\p{L}\p{N}]+)*))/gu;
  return text.replace(lineEnd, (match, before: string, hyphen: string, after: string, compound: string) => {
    if (hyphen === "\u00ad") return before;
    if (before.length > longestWord) return match;
    if (suspended.has(after) && compound === "" && !vocabulary.has((before + after).toLowerCase()))
      return `${before}- `;
    return keepsHyphen(before, after, vocabulary) ? `${before}-` : before;
  });
}

function keepsHyphen(before: string, after: string, vocabulary: ReadonlySet<string>): boolean {
  const last = before.split(/[-‐]/).at(-1) ?? before;
  const capitals = /^\p{Lu}{2,}$/u.test(last) && /^\p{Lu}{2,}$/u.test(after);
  if (!capitals && !(/\p{Ll}\p{M}*$/u.test(before) && /^\p{Ll}/u.test(after)) && !isCaseless(last, after)) return true;
  if (/^\p{L}\p{M}*$/u.test(last)) return true;
  const [left, right] = [last.toLowerCase(), after.toLowerCase()];
  if (vocabulary.has(left + right)) return false;
  if (vocabulary.has(`${left}-${right}`) || vocabulary.has(`${before}-${after}`.toLowerCase())) return true;
  if (last !== before && inner.has(left)) return true;
  return heads.has(left) || tails.has(right);
}

/** Scripts without capitals that hyphenate (Georgian, Tamil): as lower case. */
function isCaseless(before: string, after: string): boolean {
  return /\p{Lo}\p{M}*$/u.test(before) && /^\p{Lo}/u.test(after);
}
