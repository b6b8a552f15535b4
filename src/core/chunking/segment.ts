/** A stretch of the parsed text, in UTF-16 code units, that a chunk does not cut. */
export interface Unit {
  readonly start: number;
  readonly end: number;
  readonly tokens: number;
}

/**
 * No unit is longer than this many characters for each token allowed. Some tokenizers give a run of letters without a
 * space one token whatever its length, so tokens alone would not bound a chunk; English has about 4.5 characters a token.
 */
export const charactersPerToken = 10;

/** Sentence segmentation looks ahead without bound in text without sentence ends, so it is fed blocks of this size. */
const blockCharacters = 16_384;

/** Made for the first text: it takes longer than all else that a run without one loads. */
let sentences: Intl.Segmenter | undefined;

/**
 * Cuts `text[start, end)` into sentences, and sentences over `maxTokens` into words, and words over it into pieces.
 * The units are in order and cover the stretch without a gap.
 */
export function* segment(
  text: string,
  start: number,
  end: number,
  maxTokens: number,
  countTokens: (text: string) => number,
): Generator<Unit> {
  sentences ??= new Intl.Segmenter("en", { granularity: "sentence" });
  const maxCharacters = maxTokens * charactersPerToken;
  for (const block of blocks(text, start, end)) {
    const stretch = text.slice(block.start, block.end);
    let from = block.start;
    for (const sentence of blank.test(stretch) ? linesOf(stretch) : sentencesOf(stretch, sentences)) {
      yield* fit(text, from, from + sentence.length, maxTokens, maxCharacters, countTokens);
      from += sentence.length;
    }
  }
}

function* sentencesOf(text: string, segmenter: Intl.Segmenter): Generator<string> {
  for (const { segment: sentence } of segmenter.segment(text)) yield sentence;
}

const blank = /^[ \t\n]*$/;

/**
 * What the segmenter makes of spaces, tabs and line feeds: a sentence ends after each line (UAX #29, SB4). It is not asked, since each
 * call holds some ten kilobytes that V8 does not count until it collects, and 30 MB of blanks are 2,000 calls with no other garbage.
 */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function* fit(
  text: string,
  start: number,
  end: number,
  maxTokens: number,
  maxCharacters: number,
  countTokens: (text: string) => number,
): Generator<Unit> {
  if (end - start <= maxCharacters) {
    const tokens = countTokens(text.slice(start, end));
    if (tokens <= maxTokens || end - start <= 1) {
      yield { start, end, tokens: Math.min(tokens, maxTokens) };
      return;
    }
  }
  const middle = cutBefore(text, start, end, start + Math.min(Math.ceil((end - start) / 2), maxCharacters));
  if (middle <= start || middle >= end) {
    // A single character (a surrogate pair) that is more than a whole chunk: the embedder truncates it.
    yield { start, end, tokens: maxTokens };
    return;
  }
  yield* fit(text, start, middle, maxTokens, maxCharacters, countTokens);
  yield* fit(text, middle, end, maxTokens, maxCharacters, countTokens);
}

function* blocks(text: string, start: number, end: number): Generator<{ start: number; end: number }> {
  let from = start;
  while (from < end) {
    const to = end - from <= blockCharacters ? end : cutBefore(text, from, end, from + blockCharacters);
    yield { start: from, end: to };
    from = to;
  }
}

/**
 * The last place to cut at or before `at`: after a line break if the last half holds one, else after white space, else
 * exactly there (but never inside a surrogate pair).
 */
function cutBefore(text: string, start: number, end: number, at: number): number {
  const floor = start + Math.floor((at - start) / 2);
  // The slice bounds the search: from `at` backwards it would run to the beginning of the text for each cut.
  const line = text.slice(floor, at).lastIndexOf("\n");
  if (line >= 0) return floor + line + 1;
  for (let cut = at; cut > floor; cut--) {
    if (/\s/.test(text.charAt(cut - 1))) return cut;
  }
  const code = text.charCodeAt(at);
  const splitsPair = code >= 0xdc00 && code <= 0xdfff && at < end && at > start && isHigh(text.charCodeAt(at - 1));
  return splitsPair ? at + 1 : at;
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
