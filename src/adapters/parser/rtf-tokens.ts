/** What a file in RTF is made of, in order. */
export interface RtfVisitor {
  open(): void;
  close(): void;
  /** A control word, with its number if it has one. */
  word(name: string, number: number | undefined): void;
  /** A control word of one sign that is no letter (`\~`); without its backslash. */
  symbol(sign: string): void;
  /** A byte of text, written as `\'e9`. */
  byte(value: number): void;
  /** A run of text without line ends, a character for each byte of it. */
  text(run: string): void;
}

/** A brace, a control word with its number and the space that ends it, a byte, a control symbol, or a run of text. */
const token = /[{}]|\\(?:([a-z]{1,32})(-?\d{1,10})?[ ]?|'([0-9a-f]{2})|([^a-z]|$))|[^\\{}]+/giy;

/**
 * Reads to the end of the first group, or of the source.
 *
 * @param source one character for each byte (Latin-1).
 * @returns how many groups the source's end left open.
 */
export function scanRtf(source: string, start: number, visitor: RtfVisitor): number {
  let depth = 0;
  const scanner = new RegExp(token);
  scanner.lastIndex = start;
  for (let found = scanner.exec(source); found !== null; found = scanner.exec(source)) {
    const [whole, word, digits, hex, sign] = found;
    if (word === "bin") scanner.lastIndex += Math.max(0, Number(digits ?? 0));
    else if (word !== undefined) visitor.word(word, digits === undefined ? undefined : Number(digits));
    else if (hex !== undefined) visitor.byte(Number.parseInt(hex, 16));
    else if (sign !== undefined) visitor.symbol(sign);
    else if (whole === "{") {
      depth += 1;
      visitor.open();
    } else if (whole === "}") {
      visitor.close();
      depth -= 1;
      if (depth <= 0) return 0;
    } else {
      const run = whole.includes("\n") || whole.includes("\r") ? whole.replace(/[\r\n]+/g, "") : whole;
      if (run !== "") visitor.text(run);
    }
  }
  return depth;
}
