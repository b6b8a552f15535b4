import { IsthmusError, present } from "../errors.ts";
import type { TokenCounter } from "../ports.ts";
import type { ParsedDocument, Section } from "../types.ts";
import { charactersPerToken, segment, type Unit } from "./segment.ts";
import { tablesIn } from "./table-header.ts";

/** Raised when the same parsed document would be cut or embedded differently: part of the pipeline fingerprint. */
export const chunkerVersion = 3;

export interface ChunkingOptions {
  /** Tokens of one embedded text, special tokens counted. */
  readonly maxTokens: number;
  /** Tokens that a chunk repeats from the one before it, at most; whole sentences only. */
  readonly overlapTokens: number;
  readonly countTokens: TokenCounter;
}

/** A stretch of the parsed text with the text that is embedded for it. */
export interface ChunkSpan {
  readonly heading: string;
  /** `content` is `text.slice(start, end)`. */
  readonly start: number;
  readonly end: number;
  readonly content: string;
  /** Title and heading, for rows of a table the names of its columns, then the content: what the vector and the keywords stand for. */
  readonly embedded: string;
}

/** Chunks of one document, or of one record of a file of many: what one attempt embeds and stores has a limit too. */
export const maxChunks = 65_536;

/** [CLS] and [SEP], or their like: every sentence model adds two at most. */
const specialTokens = 2;
/** Title and heading may take this share of a chunk; the rest belongs to the content. */
const prefixShare = 0.25;
/** Names of columns may take this share. */
const headerShare = 0.25;

/**
 * Cuts a parsed document into chunks on sentence and heading boundaries: a chunk never crosses a section, and its
 * embedded text has at most `maxTokens` tokens. White space at the ends of a chunk is left out. What begins inside a long table is
 * embedded below the names of its columns.
 *
 * @throws `parse_limit` after `maxChunks`.
 */
export function* chunkDocument(document: ParsedDocument, options: ChunkingOptions): Generator<ChunkSpan> {
  let count = 0;
  for (const span of chunkSections(document, options)) {
    count++;
    if (count > maxChunks) {
      throw new IsthmusError(
        "parse_limit",
        `The text of one document makes more than ${maxChunks} chunks, the most that are kept of one. Split the file, or store it as JSONL with a record for each part.`,
      );
    }
    yield span;
  }
}

function* chunkSections(document: ParsedDocument, options: ChunkingOptions): Generator<ChunkSpan> {
  for (const section of document.sections) {
    const prefix = prefixOf(document.title, section.heading, options);
    yield* chunkSection(document.text, section, prefix, options);
  }
}

function* chunkSection(text: string, section: Section, prefix: string, options: ChunkingOptions): Generator<ChunkSpan> {
  const { maxTokens, overlapTokens, countTokens } = options;
  const budget = Math.max(1, maxTokens - specialTokens - (prefix === "" ? 0 : countTokens(prefix)));
  const headerAt = headersOf(text, section, Math.min(budget, Math.floor(maxTokens * headerShare)), countTokens);
  /** The names of the columns for a chunk that begins with this unit, if they leave room for it. */
  const headerFor = (first: Unit) => {
    const header = headerAt(first.start);
    return header !== undefined && header.tokens + first.tokens <= budget ? header : noHeader;
  };
  const fits = (units: readonly Unit[], tokens: number, next: Unit) => {
    const first = units[0] ?? next;
    if (next.end - first.start > budget * charactersPerToken) return false;
    return joined(text, units, tokens, next, countTokens) + headerFor(first).tokens <= budget;
  };
  const span = (units: readonly Unit[]) => {
    const header = units[0] === undefined ? noHeader : headerFor(units[0]);
    return toSpan(text, section.heading, [prefix, header.text], units);
  };
  let pending: Unit[] = [];
  let tokens = 0;
  let fresh = false;
  for (const unit of segment(text, section.start, section.end, budget, countTokens)) {
    if (fresh && !fits(pending, tokens, unit)) {
      const chunk = span(pending);
      if (chunk !== undefined) yield chunk;
      pending = overlap(pending, Math.min(overlapTokens, budget - unit.tokens));
      tokens = sum(pending);
      if (!fits(pending, tokens, unit)) {
        pending = [];
        tokens = 0;
      }
    }
    tokens = joined(text, pending, tokens, unit, countTokens);
    pending.push(unit);
    fresh = true;
  }
  const last = fresh ? span(pending) : undefined;
  if (last !== undefined) yield last;
}

interface Header {
  readonly text: string;
  readonly tokens: number;
}

const noHeader: Header = { text: "", tokens: 0 };

/** What names the columns of the table that a place is in, for places that come in order; undefined outside of tables. */
function headersOf(
  text: string,
  section: Section,
  mostTokens: number,
  countTokens: TokenCounter,
): (place: number) => Header | undefined {
  const tables = tablesIn(text, section.start, section.end);
  if (tables.length === 0) return () => undefined;
  let at = 0;
  let header: Header | undefined;
  return (place) => {
    for (let table = tables[at]; table !== undefined && table.end <= place; table = tables[at]) {
      at++;
      header = undefined;
    }
    const table = tables[at];
    if (table === undefined || place < table.start) return undefined;
    header ??= { text: table.header, tokens: countTokens(table.header) };
    return header.tokens <= mostTokens ? header : undefined;
  };
}

/** The last units that together have at most `tokens`, never all of them: a chunk must move on. */
function overlap(units: readonly Unit[], tokens: number): Unit[] {
  let from = units.length;
  for (let sumTokens = 0; from > 1; from--) {
    sumTokens += present(units[from - 1], `unit ${from - 1}`).tokens;
    if (sumTokens > tokens) break;
  }
  return units.slice(from);
}

/**
 * Tokens of the units with one more. Counts add up where white space parts the units; where a word was cut, its halves
 * may join into other tokens, so the whole is counted.
 */
function joined(text: string, units: readonly Unit[], tokens: number, next: Unit, countTokens: TokenCounter): number {
  const first = units[0];
  if (first === undefined) return next.tokens;
  const parted = /\s/.test(text.charAt(next.start - 1)) || /\s/.test(text.charAt(next.start));
  return parted ? tokens + next.tokens : Math.max(tokens, countTokens(text.slice(first.start, next.end)));
}

function sum(units: readonly Unit[]): number {
  return units.reduce((total, unit) => total + unit.tokens, 0);
}

function toSpan(
  text: string,
  heading: string,
  above: readonly string[],
  units: readonly Unit[],
): ChunkSpan | undefined {
  const first = units[0];
  const last = units.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const whole = text.slice(first.start, last.end);
  const start = first.start + (whole.length - whole.trimStart().length);
  const content = ownCopy(whole.trim());
  if (content === "") return undefined;
  const embedded = [...above.filter((part) => part !== ""), content].join("\n");
  return { heading, start, end: start + content.length, content, embedded };
}

/** A slice of a string keeps the whole of it in memory: a chunk that waits for the store would hold a text of 30 MB. */
function ownCopy(slice: string): string {
  return JSON.parse(JSON.stringify(slice)) as string;
}

/** Title and heading on a line each; a heading that repeats the title is left out; cut to its share of the chunk. */
function prefixOf(title: string, heading: string, options: ChunkingOptions): string {
  const repeated = heading === title || heading.startsWith(`${title} > `);
  const lines = repeated ? [heading] : [title, heading];
  const prefix = lines.filter((line) => line.trim() !== "").join("\n");
  const allowed = Math.floor(options.maxTokens * prefixShare);
  const units = segment(prefix, 0, prefix.length, allowed, options.countTokens);
  const first = units.next().value;
  if (first === undefined) return "";
  let end = first.end;
  let tokens = first.tokens;
  for (const unit of units) {
    tokens += unit.tokens;
    if (tokens > allowed) break;
    end = unit.end;
  }
  return prefix.slice(0, end).trim();
}
