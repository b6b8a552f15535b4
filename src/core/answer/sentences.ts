import { tablesIn } from "../chunking/table-header.ts";
import type { Span } from "./quotes.ts";

/** Made for the first passage: it takes longer than all else here. */
let segmenter: Intl.Segmenter | undefined;

/** An answer is a sentence; more than this many characters are a list or a table that lost its lines. */
const maxCharacters = 1_000;

/** What can stand for itself in an answer, or beside it. */
export interface Sentence extends Span {
  /** `heading`: a heading or a label in bold type; it names what follows and says nothing. */
  readonly kind: "prose" | "item" | "row" | "code" | "heading";
  /** What introduces it, above it in the same text: the names of a table's columns, the words before a list or code, a label. */
  readonly leadIn?: Span;
}

/**
 * Cuts a passage into what can stand for itself: the sentences of its prose, however its lines are wrapped; list items; rows of
 * tables; whole blocks of code. White space at the ends is left out, and so is what has neither letter nor digit. In order, not overlapping.
 */
export function sentencesOf(text: string): Sentence[] {
  segmenter ??= new Intl.Segmenter("en", { granularity: "sentence" });
  const sentences: Sentence[] = [];
  const lists = createLists();
  /** What introduces the next block; a list, a table and code by a colon, a paragraph by a question alone. */
  let above: Span | undefined;
  let asked: Span | undefined;
  for (const block of blocksOf(text)) {
    const { kind } = block;
    const cut =
      kind === "prose" || kind === "item"
        ? proseOf(text, block, segmenter)
        : kind === "code"
          ? codeOf(text, block)
          : [block];
    const pieces = [...cut].flatMap((piece) => trimmed(text, piece) ?? []);
    let leadIn: Span | undefined;
    if (kind === "row") leadIn = block.header;
    else if (kind === "item") leadIn = lists.itemAt(block.indent, above ?? asked);
    else if (kind === "code") leadIn = above ?? asked;
    else if (kind === "prose") leadIn = asked;
    if (kind === "heading" || (kind === "prose" && block.indent === 0)) lists.end();
    for (const [at, piece] of pieces.entries()) {
      const said = text.slice(piece.start, piece.end);
      const label = at === 0 && pieces.length > 1 && LABEL.test(said);
      sentences.push({ ...piece, kind: label ? "heading" : kind, ...(leadIn && { leadIn }) });
      if (label || (kind !== "code" && asks(said))) leadIn = piece;
      // A reply is nothing, or another's, without its question, and so is what it goes on with.
      else if (leadIn !== undefined && kind !== "code" && !asks(text.slice(leadIn.start, leadIn.end)))
        leadIn = undefined;
    }
    const last = pieces.at(-1);
    if (last === undefined) continue;
    const end = kind === "code" ? "" : text.slice(last.start, last.end);
    above = /:[*_]*$/.test(end) ? last : undefined;
    asked = pieces.length === 1 && (kind === "prose" || kind === "heading") && asks(end) ? last : undefined;
  }
  return sentences;
}

/** Without white space at its ends; undefined without a letter or digit. */
function trimmed(text: string, { start, end }: Span): Span | undefined {
  const piece = text.slice(start, end);
  const from = start + (piece.length - piece.trimStart().length);
  const to = wholeCharacter(text, Math.min(from + piece.trim().length, from + maxCharacters));
  return /[\p{L}\p{N}]/u.test(text.slice(from, to)) ? { start: from, end: to } : undefined;
}

/** The lists that a place is in, by their indentation, each with what introduces it. */
function createLists() {
  let levels: { readonly indent: number; readonly leadIn: Span | undefined }[] = [];
  return {
    itemAt(indent: number, above: Span | undefined): Span | undefined {
      levels = levels.filter((level) => level.indent <= indent);
      const inner = levels.at(-1);
      if (inner?.indent === indent) return inner.leadIn;
      const leadIn = above ?? inner?.leadIn;
      levels.push({ indent, leadIn });
      return leadIn;
    },
    end() {
      levels = [];
    },
  };
}

interface Block extends Span {
  readonly kind: Sentence["kind"];
  /** White space before its first line. */
  readonly indent: number;
  /** The names of the columns, for a row. */
  readonly header?: Span;
}

const FENCE = /^\s*(```|~~~)/;
/** With the name of a language: it begins a block and never ends one. */
const OPENING = /^\s*(?:```+|~~~+)\s*[^\s`~]/;
const ROW = /^\s*\|.*\|\s*$/;
const MARKER = /^\s*(?:[-*+•–]|\(?\p{N}{1,3}[.)]|\(?[a-z]\))\s+\S/u;
/** What marks an item, alone. */
const MARK = /^\s*\(?(?:\p{N}{1,3}|[a-z])[.)]\s*$/u;
const HEADING = /^\s{0,3}#{1,6}\s/;
const INDENTED = /^(?: {4}|\t)/;
const LABEL = /^(?:\*\*|__)[^*_]{1,80}(?:\*\*|__)[.:]?$/;

/** Whether what is said last is a question. */
export function asks(said: string): boolean {
  return /[?？؟]["'”’)\]*_`]*$/u.test(said);
}

/** Paragraphs and items, with their lines joined where a line was only wrapped; rows, headings and code by themselves. */
function* blocksOf(text: string): Generator<Block> {
  const lines = [...text.matchAll(/[^\n]*(?:\n|$)/g)]
    .filter(({ 0: line }) => line !== "")
    .map(({ 0: line, index }) => ({ line, start: index, end: index + line.length }));
  const width = Math.max(...lines.map(({ line }) => line.trimEnd().length), 0);
  const tables = tablesOf(text);
  let open: { start: number; end: number; kind: Block["kind"]; indent: number } | undefined;
  let fenced = beginsInCode(lines.map(({ line }) => line));
  /** A block of code as it grows; `whole` from fence to fence. */
  let code: { start: number; end: number; whole: boolean } | undefined = fenced
    ? { start: 0, end: 0, whole: false }
    : undefined;
  const closed = (): Block[] => {
    const blocks: Block[] = [];
    if (open !== undefined) blocks.push(open);
    if (code !== undefined && code.end > code.start)
      blocks.push({ start: code.start, end: code.end, kind: "code", indent: 0 });
    open = undefined;
    code = undefined;
    return blocks;
  };
  for (const [at, { line, start, end }] of lines.entries()) {
    const before = lines[at - 1]?.line ?? "";
    const indent = line.length - line.trimStart().length;
    if (FENCE.test(line)) {
      if (code?.whole === true) code.end = end;
      yield* closed();
      fenced = !fenced;
      // Without its other fence it is shown without this one.
      const closes = fenced && lines.slice(at + 1).some((other) => FENCE.test(other.line));
      if (fenced) code = closes ? { start, end, whole: true } : { start: end, end, whole: false };
      continue;
    }
    if (fenced) {
      if (code !== undefined) code.end = end;
      continue;
    }
    const inCode = code !== undefined;
    if (
      INDENTED.test(line) &&
      (inCode ||
        isIndentedCode(
          lines.slice(at).map((each) => each.line),
          before,
          open,
        ))
    ) {
      if (!inCode) yield* closed();
      code ??= { start, end, whole: false };
      code.end = end;
      continue;
    }
    if (line.trim() === "") {
      if (!inCode) yield* closed();
      continue;
    }
    const table = tables.find((each) => each.header.start <= start && start < each.end);
    if (table !== undefined || ROW.test(line) || HEADING.test(line)) {
      yield* closed();
      if (table !== undefined) {
        if (start >= table.start) yield { start, end, kind: "row", indent, header: table.header };
      } else if (!RULE.test(line)) yield { start, end, kind: ROW.test(line) ? "row" : "heading", indent };
      continue;
    }
    const inItem = open?.kind === "item" && indent > open.indent;
    if (open !== undefined && !MARKER.test(line) && (inItem || wasWrapped(before, line, width))) {
      open.end = end;
      continue;
    }
    yield* closed();
    open = { start, end, kind: MARKER.test(line) ? "item" : "prose", indent };
  }
  yield* closed();
}

const RULE = /^[\s|:+-]*$/;

/** Tables that say what their columns are called. Where a passage begins in the middle of one its first row does not. */
function tablesOf(text: string): (Span & { readonly header: Span })[] {
  return tablesIn(text, 0, text.length).flatMap(({ start, end, header }) => {
    const at = Math.max(0, text.lastIndexOf(header, start - 1));
    const marked = text.slice(at + header.length, start).trim() !== "";
    return marked || at > 0 ? [{ start, end, header: { start: at, end: at + header.length } }] : [];
  });
}

/** Whether a passage was cut out of the middle of a block of code: its fences only make sense so. */
function beginsInCode(lines: readonly string[]): boolean {
  const fences = lines.filter((line) => FENCE.test(line));
  const [first] = fences;
  if (first === undefined || OPENING.test(first)) return false;
  if (fences.some((fence, at) => at % 2 === 1 && OPENING.test(fence))) return true;
  if (fences.length % 2 === 0) return false;
  return !lines.slice(0, lines.indexOf(first)).some((line) => /[.:!?]\s*$/.test(line));
}

/** An indented paragraph below an empty line that does not read as a sentence, outside of a list. */
function isIndentedCode(from: readonly string[], before: string, open: unknown): boolean {
  if (open !== undefined || before.trim() !== "" || MARKER.test(from[0] ?? "")) return false;
  const end = from.findIndex((line) => line.trim() === "");
  const last = from[end < 0 ? from.length - 1 : end - 1] ?? "";
  return !/[.!?…]["'”’)\]*_`]*\s*$/u.test(last);
}

/** A block of code whole; one that is too long in runs of whole lines. */
function* codeOf(text: string, { start, end }: Span): Generator<Span> {
  let from = start;
  let to = start;
  for (const { 0: line, index } of text.slice(start, end).matchAll(/[^\n]*(?:\n|$)/g)) {
    const next = start + index + line.length;
    if (next - from > maxCharacters && to > from) {
      yield { start: from, end: to };
      from = to;
    }
    to = next;
  }
  yield { start: from, end };
}

/** Whether a line ends where it does because the next word did not fit, or in the middle of what it says. */
function wasWrapped(line: string, next: string, width: number): boolean {
  // What goes on begins with a small letter, or with code or a bracket.
  if (WORDS.test(line) && !/[.!?…:;]["'”’)\]*_`]*\s*$/u.test(line) && /^\s*[\p{Ll}`(]/u.test(next)) return true;
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
  if (ABBREVIATION.test(said) || MARK.test(said)) return false;
  // "in the U.S. The law" ends one, "the U.S. Congress" ends none.
  if (INITIALS.test(said)) return /^(?:The|A|An|In|It|He|She|They|This|These|But|And|However)\s/.test(next);
  return !/^\s*\p{Ll}/u.test(next) || /[!?]["'”’)]*\s*$/.test(said);
}

function wholeCharacter(text: string, end: number): number {
  const code = text.charCodeAt(end);
  return code >= 0xdc00 && code <= 0xdfff ? end + 1 : end;
}
