import type { TextTokenizer } from "./tokenizer.ts";

/** Other models cut English a little finer than WordPiece does, byte-pair vocabularies by up to a fifth. */
const MARGIN = 1.2;
/** WordPiece makes one unknown token of a word in a script it does not know, where others need one for every few bytes. */
const BYTES_PER_TOKEN = 4;

export interface TokenEstimate {
  /** An upper estimate for a model whose tokenizer is not at hand; not exact. */
  count(text: string): number;
  /** The longest beginning of the text, roughly, that is estimated at `maxTokens` at most. Depends on the text alone. */
  truncate(text: string, maxTokens: number): string;
}

/** Estimates the tokens of an unknown model by a known tokenizer, on the safe side. */
export function createTokenEstimate(tokenizer: TextTokenizer): TokenEstimate {
  const count = (text: string): number =>
    Math.max(Math.ceil(tokenizer.count(text) * MARGIN), Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN));
  return {
    count,
    truncate(text, maxTokens) {
      // No tokenizer makes fewer than one token of this many bytes by the estimate above, so the rest cannot fit.
      let kept = wholeCharacters(text, maxTokens * BYTES_PER_TOKEN);
      for (let tokens = count(kept); tokens > maxTokens; tokens = count(kept)) {
        kept = wholeCharacters(kept, Math.floor((kept.length * maxTokens) / tokens));
      }
      return kept;
    },
  };
}

/** `text.slice(0, length)`, without half of a surrogate pair at its end. */
function wholeCharacters(text: string, length: number): string {
  if (length >= text.length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}
