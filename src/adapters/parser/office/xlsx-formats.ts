import { format, getFormatFromId, isDateFormat } from "numfmt";
import type { Archive } from "./archive.ts";
import { childOf, childrenOf, xmlTree } from "./xml.ts";

/** How a workbook shows its numbers. */
export interface CellFormats {
  /** @param style the index that a cell gives as its `s`. */
  shown(value: number, style: string): string;
}

// Days from the first day of 1900 to that of 1904, from which old workbooks of the Macintosh count.
const days1904 = 1_462;

/** A number by a format's pattern; as it is where the pattern is none, or says nothing of how a whole number looks. */
function shownBy(pattern: string, value: number): string {
  // Excel shows over 11 digits as a power of ten, in which nobody finds an article number.
  if (/^general$/i.test(pattern) && Number.isSafeInteger(value)) return String(value);
  try {
    return format(pattern, value).trim();
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
  return {
    shown(value, style) {
      const { pattern, isDate: date } = patterns[Number(style)] ?? { pattern: "General", isDate: false };
      return shownBy(pattern, date && since1904 ? value + days1904 : value);
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
