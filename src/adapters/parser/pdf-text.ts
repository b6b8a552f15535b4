/** What pdf.js tells of a run of text on a page. */
interface PdfTextItem {
  readonly str: string;
  readonly hasEOL: boolean;
  readonly height: number;
  /** A 2 x 3 matrix; its last number is the height of the baseline on the page, in points. */
  readonly transform: readonly unknown[];
}

// Lines of one paragraph stand about 1.2 font heights apart.
const paragraphGap = 1.7;

/** The text of one page: a line a line, a blank line where the gap to the next is wide, hyphenated words put together. */
export function pdfPageText(items: readonly PdfTextItem[]): string {
  const parts: string[] = [];
  let lineEnded = false;
  let lastY: number | undefined;
  for (const { str, hasEOL, height, transform } of items) {
    const y = transform[5];
    if (str.trim() !== "" && typeof y === "number") {
      const gap = lastY === undefined ? 0 : Math.abs(lastY - y);
      if (lineEnded && height > 0 && gap > height * paragraphGap) parts.push("\n");
      lastY = y;
      lineEnded = false;
    }
    parts.push(str);
    if (hasEOL) {
      parts.push("\n");
      lineEnded = true;
    }
  }
  return parts
    .join("")
    .replace(/[^\S\n]{1,1000}/g, " ")
    .split("\n")
    .map((line) => line.trim())
    .join("\n")
    .replace(/(\p{Ll})-\n(?=\p{Ll})/gu, "$1")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
