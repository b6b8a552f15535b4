import { format, getFormatFromId, isDateFormat } from "numfmt";
import type { Archive } from "./archive.ts";
import { childOf, childrenOf, xmlTree } from "./xml.ts";

/** How a workbook shows its numbers. */
export interface CellFormats {
  /** @param style the index that a cell gives as its `s`. */
  shown(value: number, style: string): string;
  /** Words by the same index: a format may add to them (`@" kg"`), or hide them. */
  shownWords(text: string, style: string): string;
  /** A date in ISO 8601, as workbooks in the strict form keep it. */
  shownDate(iso: string, style: string): string;
}

// Days from the first day of 1900 to that of 1904, from which old workbooks of the Macintosh count.
const days1904 = 1_462;

// 30 December 1899, from which days count, but for the first two months of 1900.
const firstDay = Date.UTC(1899, 11, 30);
const dayLength = 86_400_000;

/** Hours, minutes or seconds that passed: their number does not depend on the first day. */
const isElapsed = (pattern: string): boolean => /\[(?:h+|m+|s+)\]/i.test(pattern);

/** A number, or words, by a format's pattern; as it is where the pattern is none, or says nothing of how a whole number looks. */
function shownBy(pattern: string, value: number | string): string {
  // Excel shows over 11 digits as a power of ten, in which nobody finds an article number.
  if (/^general$/i.test(pattern) && Number.isSafeInteger(value)) return String(value);
  try {
    // Signs that take the room of digits (`??/??`) leave it empty.
    return format(pattern, value)
      .trim()
      .replace(/ {2,}/g, typeof value === "number" ? " " : "$&");
  } catch {
    return String(value);
  }
}

export async function readCellFormats(
  archive: Archive,
  part: string | undefined,
  since1904: boolean,
): Promise<CellFormats> {
  const root = part === undefined ? undefined : await xmlTree(archive.stream(part));
  const own = new Map(
    childrenOf(childOf(root, "x:numFmts"), "x:numFmt").map(({ attributes }) => [
      attributes["numFmtId"] ?? "",
      attributes["formatCode"] ?? "General",
    ]),
  );
  const patterns = childrenOf(childOf(root, "x:cellXfs"), "x:xf").map(({ attributes }) => {
    const id = attributes["numFmtId"] ?? "0";
    const pattern = own.get(id) ?? getFormatFromId(Number(id)) ?? "General";
    return { pattern, isDate: isDate(pattern) };
  });
  const general = { pattern: "General", isDate: false };
  const formatOf = (style: string) => patterns[Number(style)] ?? general;
  return {
    shown(value, style) {
      const { pattern, isDate: date } = formatOf(style);
      return shownBy(pattern, date && since1904 && !isElapsed(pattern) ? value + days1904 : value);
    },
    shownWords(text, style) {
      const { pattern } = formatOf(style);
      const isOwn = pattern !== "@" && (pattern.includes("@") || pattern.split(";").length > 3);
      return isOwn ? shownBy(pattern, text) : text;
    },
    shownDate(iso, style) {
      const { pattern, isDate: date } = formatOf(style);
      const time = Date.parse(/T.*Z$|^[^T]*$/.test(iso) ? iso : `${iso}Z`);
      return date && !Number.isNaN(time) ? shownBy(pattern, (time - firstDay) / dayLength) : iso;
    },
  };
}

function isDate(pattern: string): boolean {
  try {
    return isDateFormat(pattern);
  } catch {
    return false;
  }
}
