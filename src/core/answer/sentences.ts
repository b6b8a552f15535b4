import type { Span } from "./quotes.ts";

/** Made for the first passage: it takes longer than all else here. */
let segmenter: Intl.Segmenter | undefined;

/** An answer is a sentence; more than this many characters are a list or a table that lost its lines. */
const maxCharacters = 1_000;

/**
 * Cuts a passage into what can stand for itself: the sentences of its prose, however its lines are wrapped; list items; rows of
 * tables; lines of code. White space at the ends is left out, and so is what has neither letter nor digit. In order, not overlapping.
 */
export function sentencesOf(text: string): Span[] {
  segmenter ??= new Intl.Segmenter("en", { granularity: "sentence" });
  const spans: Span[] = [];
  for (const block of blocksOf(text)) {
    const pieces = block.whole ? [block] : proseOf(text, block, segmenter);
    for (const { start, end } of pieces) {
      const piece = text.slice(start, end);
      const from = start + (piece.length - piece.trimStart().length);
      const to = Math.min(from + piece.trim().length, from + maxCharacters);
      if (/[\p{L}\p{N}]/u.test(text.slice(from, to))) spans.push({ start: from, end: wholeCharacter(text, to) });
    }
  }
  return spans;
}

interface Block extends Span {
  /** Not prose: it is not cut further. */
  readonly whole: boolean;
}

const FENCE = /^\s*(```|~~~)/;
const ROW = /^\s*\|.*\|\s*$/;
/** Under the heading of a table. */
const RULE = /^\s*\|(?:\s*:?-+:?\s*\|)+\s*$/;
const MARKER = /^\s*(?:[-*+•–]|\(?\p{N}{1,3}[.)]|\(?[a-z]\))\s+\S/u;
const HEADING = /^\s{0,3}#{1,6}\s/;

/** Paragraphs, with their lines joined where a line was only wrapped; and by themselves: rows, headings, lines of code. */
function* blocksOf(text: string): Generator<Block> {
  const lines = [...text.matchAll(/[^\n]*(?:\n|$)/g)].filter(({ 0: line }) => line !== "");
  const width = Math.max(...lines.map(({ 0: line }) => line.trimEnd().length), 0);
  let open: { start: number; end: number } | undefined;
  let fenced = false;
  for (const [at, { 0: line, index }] of lines.entries()) {
    const span = { start: index, end: index + line.length };
    const alone = fenced || FENCE.test(line) || ROW.test(line) || HEADING.test(line) || line.trim() === "";
    if (FENCE.test(line)) fenced = !fenced;
    const before = lines[at - 1]?.[0];
    const goesOn =
      !alone && open !== undefined && before !== undefined && !MARKER.test(line) && wasWrapped(before, line, width);
    if (goesOn && open !== undefined) {
      open.end = span.end;
      continue;
    }
    if (open !== undefined) yield { ...open, whole: false };
    open = undefined;
    if (!alone) open = span;
    // What a column is called answers nothing.
    else if (!FENCE.test(line) && !RULE.test(lines[at + 1]?.[0] ?? "")) yield { ...span, whole: true };
  }
  if (open !== undefined) yield { ...open, whole: false };
}

/** Whether a line ends where it does because the next word did not fit, or in the middle of what it says. */
function wasWrapped(line: string, next: string, width: number): boolean {
  if (WORDS.test(line) && !/[.!?…:;]["'”’)\]*_`]*\s*$/u.test(line) && /^\s*\p{Ll}/u.test(next)) return true;
  const word = /^\S+/.exec(next.trimStart())?.[0] ?? "";
  return line.trimEnd().length + 1 + word.length > width - wrapSlack;
}

/** Three words at least: shorter lines are items of a list without marks. */
const WORDS = /\p{L}+\s+\S*\p{L}\S*\s+\S*\p{L}/u;

/** Ragged by hand, or wrapped at another width than the longest line of the passage. */
const wrapSlack = 12;

const ABBREVIATION =
  /(?:^|[\s("'“‘[])(?:\p{Lu}|St|Mr|Mrs|Ms|Dr|Prof|Rev|Gen|Col|Lt|Sgt|Capt|Gov|Sen|Rep|Hon|Jr|Sr|Mt|Ft|No|Nos|Fig|Figs|Eq|Sec|Ch|Vol|Art|Ed|Eds|pp?|vs|cf|ca|approx|incl|resp|e\.g|i\.e|al|Inc|Ltd|Co|Corp|Bros|Ave|Blvd|Rd|z\.B|bzw|Nr|Abb|usw|d\.h)\.\s*$/u;
const INITIALS = /(?:^|[\s("'“‘[])(?:\p{Lu}\.){2,}\s*$/u;

/** Sentences by UAX #29, joined again where a full stop ended no sentence. */
function* proseOf(text: string, { start, end }: Span, segmenter: Intl.Segmenter): Generator<Span> {
  // A wrapped line ends no sentence, and closing emphasis belongs to the sentence before it. Lengths stay as they are.
  const plain = text
    .slice(start, end)
    .replace(/[\n\r\t]/g, " ")
    .replace(/(?<=[.!?…])[*_]{1,3}(?=\s|$)/g, (marks) => "’".repeat(marks.length))
    // A sentence may begin with code, whose letters are small.
    .replace(/(?<=[\p{L}\p{N}`)’][.!?]\s+)`(?=\S)/gu, "X");
  let from = 0;
  for (const { segment, index } of segmenter.segment(plain)) {
    const to = index + segment.length;
    const said = plain.slice(from, to);
    if (to < plain.length && !endsSentence(said, plain.slice(to, to + 40))) continue;
    yield { start: start + from, end: start + to };
    from = to;
  }
}

function endsSentence(said: string, next: string): boolean {
  if (/[。！？｡]\s*$/u.test(said)) return true;
  // Without white space after it, it is a name with a point in it: a file, a version, a member of an object.
  if (!/\s$/.test(said)) return false;
  if (ABBREVIATION.test(said)) return false;
  // "in the U.S. The law" ends one, "the U.S. Congress" ends none.
  if (INITIALS.test(said)) return /^(?:The|A|An|In|It|He|She|They|This|These|But|And|However)\s/.test(next);
  return !/^\s*\p{Ll}/u.test(next) || /[!?]["'”’)]*\s*$/.test(said);
}

function wholeCharacter(text: string, end: number): number {
  const code = text.charCodeAt(end);
  return code >= 0xdc00 && code <= 0xdfff ? end + 1 : end;
}
