/** Tokens of a text, word by word: the words of a language are few, and a look-up is a hundred times as fast as a split. */
export interface WordCache {
  count(text: string): number;
  /** The first `limit` token ids of the text; what lies behind them is not looked at. */
  encode(text: string, limit: number): number[];
}

/** About 10 MB when full; then it starts again, which costs less than keeping track of what was used last. */
const MAXIMUM_WORDS = 50_000;
/** Longer runs without a space are mostly not words (base64, tables of digits) and will not come again. */
const MAXIMUM_LENGTH = 40;

/**
 * @param encodeWord the tokenizer itself, for text without spaces, tabs and line breaks. It must be one that splits there.
 */
export function createWordCache(encodeWord: (word: string) => readonly number[]): WordCache {
  const known = new Map<string, readonly number[]>();

  function idsOf(word: string): readonly number[] {
    const cached = known.get(word);
    if (cached !== undefined) return cached;
    const ids = encodeWord(word);
    if (word.length <= MAXIMUM_LENGTH) {
      if (known.size >= MAXIMUM_WORDS) known.clear();
      known.set(word, ids);
    }
    return ids;
  }

  /** Calls `visit` for each word until it returns false. */
  function eachWord(text: string, visit: (ids: readonly number[]) => boolean): void {
    let start = 0;
    for (let index = 0; index <= text.length; index++) {
      if (index < text.length && !isSpace(text.charCodeAt(index))) continue;
      if (index > start && !visit(idsOf(text.slice(start, index)))) return;
      start = index + 1;
    }
  }

  return {
    count(text) {
      let count = 0;
      eachWord(text, (ids) => {
        count += ids.length;
        return true;
      });
      return count;
    },
    encode(text, limit) {
      const result: number[] = [];
      if (limit === 0) return result;
      eachWord(text, (ids) => {
        for (const id of ids) {
          if (result.length === limit) return false;
          result.push(id);
        }
        return result.length < limit;
      });
      return result;
    },
  };
}

/** Space, tab, line feed and carriage return only; all else is left to the tokenizer. */
function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 9 || code === 13;
}
