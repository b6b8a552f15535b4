import type { Generator, TokenCounter } from "../ports.ts";
import type { Passage } from "../retrieve-types.ts";
import type { NumberedPassage } from "./types.ts";

/** Tokens for the marks around a passage. */
const marksTokens = 40;

/**
 * The best passages that fit a generator, numbered from 1: the first ones, as long as all together keep to its tokens. Where the first alone
 * is too long it is cut; it is verified against the whole of it.
 *
 * @param most passages at most.
 */
export function fitPassages(
  passages: readonly Passage[],
  limits: Generator["limits"],
  most: number,
  count: TokenCounter,
): NumberedPassage[] {
  const numbered = passages.slice(0, most).map(({ content, source: { title, heading } }, at) => ({
    number: at + 1,
    title,
    heading,
    content,
  }));
  // No tokenizer makes more tokens than there are characters, so most often nothing is counted.
  if (numbered.reduce((sum, passage) => sum + textOf(passage).length, 0) <= limits.maxPassageTokens) return numbered;
  const fitting: NumberedPassage[] = [];
  let left = limits.maxPassageTokens;
  for (const passage of numbered) {
    const tokens = count(textOf(passage)) + marksTokens;
    if (tokens > left) break;
    left -= tokens;
    fitting.push(passage);
  }
  const [first] = numbered;
  return fitting.length > 0 || first === undefined ? fitting : [cut(first, limits.maxPassageTokens, count)];
}

function cut(passage: NumberedPassage, tokens: number, count: TokenCounter): NumberedPassage {
  let content = passage.content;
  while (content.length > 1 && count(textOf({ ...passage, content })) + marksTokens > tokens)
    content = content.slice(0, Math.floor(content.length * 0.8)).toWellFormed();
  return { ...passage, content };
}

function textOf({ title, heading, content }: NumberedPassage): string {
  return `${title}\n${heading}\n${content}`;
}
