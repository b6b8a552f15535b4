const quote = 0x22;
const space = 0x20;
const tab = 0x09;
const candidates = [",", ";", "\t", "|"];

/** What a line leaves behind: all quotes closed, a quoted field that goes on, or a quote where none can be. */
type QuoteState = "closed" | "open" | "invalid";

/**
 * Follows the quotes of one physical line.
 *
 * @param startsOpen whether a quoted field of the line before goes on.
 */
export function quoteState(line: Uint8Array, delimiter: string, startsOpen: boolean): QuoteState {
  if (!startsOpen && line.indexOf(quote) === -1) return "closed";
  const delimiterByte = delimiter.charCodeAt(0);
  const isBlank = (byte: number | undefined): boolean => byte === space || (byte === tab && delimiterByte !== tab);
  let at = 0;
  let open = startsOpen;
  while (at <= line.length) {
    if (open) {
      const end = line.indexOf(quote, at);
      if (end === -1) return "open";
      at = end + 1;
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

/** The delimiter of a header line: the most frequent of comma, semicolon, tab and bar; a comma where there is none. */
export function guessDelimiter(header: string): string {
  const counts = candidates.map((delimiter) => countDelimiters(header, delimiter));
  const most = Math.max(...counts);
  return candidates[counts.indexOf(most)] ?? ",";
}
