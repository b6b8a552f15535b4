const quote = 0x22;
const backslash = 0x5c;
const space = 0x20;
const tab = 0x09;

/** How a table is written: one character between fields, and one that lets a quote stand inside a quoted field. */
export interface CsvDialect {
  readonly delimiter: string;
  /**
   * `"` where a quote is written twice, as RFC 4180 has it; `\` where databases write `\"`; "outer" where a field ends at the quote
   * before a delimiter, whatever quotes stand in it; "" where a quote is a sign like any other.
   */
  readonly quoteEscape: '"' | "\\" | "outer" | "";
  /** false: no field of the beginning is in quotes, as programs write that part fields with tabs. */
  readonly mayQuote?: boolean;
}

/** No field holds a NUL (they are taken out of the stream), so a table of one column keeps its commas. */
export const noDelimiter = "\0";

/** What a line leaves behind: all quotes closed, a quoted field that goes on, or a quote where none can be. */
type QuoteState = "closed" | "open" | "invalid";

/** Whether the quote at `at` is written as `\"`: an odd number of backslashes stands before it, down to `from`. */
function isEscaped(line: Uint8Array, from: number, at: number): boolean {
  let start = at;
  while (start > from && line[start - 1] === backslash) start -= 1;
  return (at - start) % 2 === 1;
}

/**
 * Follows the quotes of one physical line.
 *
 * @param startsOpen whether a quoted field of the line before goes on.
 */
export function quoteState(line: Uint8Array, { delimiter, quoteEscape }: CsvDialect, startsOpen: boolean): QuoteState {
  if (!startsOpen && line.indexOf(quote) === -1) return "closed";
  const delimiterByte = delimiter.charCodeAt(0);
  const isBlank = (byte: number | undefined): boolean => byte === space || (byte === tab && delimiterByte !== tab);
  let at = 0;
  let open = startsOpen;
  while (at <= line.length) {
    if (open) {
      const end = line.indexOf(quote, at);
      if (end === -1) return "open";
      const escaped = quoteEscape === "\\" && isEscaped(line, at, end);
      at = end + 1;
      if (escaped) continue;
      if (line[at] === quote) {
        at += 1;
        continue;
      }
      open = false;
      while (isBlank(line[at])) at += 1;
      if (at < line.length && line[at] !== delimiterByte) return "invalid";
      at += 1;
    } else {
      while (isBlank(line[at])) at += 1;
      if (line[at] === quote) {
        open = true;
        at += 1;
        continue;
      }
      const next = line.indexOf(delimiterByte, at);
      if (next === -1) return "closed";
      at = next + 1;
    }
  }
  return "closed";
}

/** How often a delimiter stands outside quotes in a line. */
export function countDelimiters(line: string, delimiter: string): number {
  return line.replace(/"(?:[^"]|"")*"?/g, "").split(delimiter).length - 1;
}
