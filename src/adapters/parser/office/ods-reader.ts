import type { Parsed } from "../../../core/types.ts";
import type { SandboxJob } from "../sandbox-protocol.ts";
import { openArchive } from "./archive.ts";
import { paragraphText, refuseEncryptedOdf } from "./odf.ts";
import {
  type Cell,
  cellPlace,
  hiddenSheet,
  type MergedCells,
  maxColumns,
  type Sheet,
  type SheetRow,
  sheetRecords,
  withRecords,
} from "./sheet.ts";
import { childOf, childrenOf, elementsOf, readXml, type XmlElement } from "./xml.ts";

// A row or a cell may say that it stands for many equal ones, up to a whole sheet; those that are filled are written out.
const maxFilledCells = 4_000_000;

/** How often a row or a cell stands for itself. */
function repeated(element: XmlElement, name: string): number {
  const count = Number(element.attributes[name] ?? "1");
  return Number.isInteger(count) && count > 0 ? count : 1;
}

function cellOf(element: XmlElement): Cell | undefined {
  const text = childrenOf(element, "text:p")
    .map((one) => paragraphText(one))
    .join("\n");
  if (text.trim() === "") return undefined;
  return { text, isWords: (element.attributes["office:value-type"] ?? "string") === "string" };
}

interface OpenSheet extends Sheet {
  readonly rows: SheetRow[];
  readonly merged: MergedCells[];
  readonly headers: Set<number>;
  /** The last row that was read. */
  number: number;
}

/** The header of a range that the program filters or sorts: `'My sheet'.A3:'My sheet'.F20`. */
function markHeader({ attributes }: XmlElement, sheets: readonly OpenSheet[]): void {
  if (attributes["table:contains-header"] === "false") return;
  const [, name = "", start = ""] = /^\$?(.*)\.([^.:]+):/.exec(attributes["table:target-range-address"] ?? "") ?? [];
  const place = cellPlace(start);
  const plain = name.replace(/^'|'$/g, "").replaceAll("''", "'");
  if (place) sheets.find((one) => one.name === plain)?.headers.add(place.row);
}

/** Runs in the sandbox. The file holds each value as its program showed it. */
export async function readOds(job: SandboxJob): Promise<readonly Parsed[]> {
  const archive = await openArchive(job.bytes, job.name);
  await refuseEncryptedOdf(archive, job.name);
  const parsed: Parsed[] = [];
  const hiddenStyles = new Set<string>();
  const sheets: OpenSheet[] = [];
  let sheet: OpenSheet | undefined;
  let isHeader = false;
  let filled = 0;

  const addRow = (row: XmlElement, to: OpenSheet): void => {
    const times = repeated(row, "table:number-rows-repeated");
    const number = to.number + 1;
    to.number += times;
    const cells = new Map<number, Cell>();
    const notes: string[] = [];
    let column = 0;
    for (const element of elementsOf(row)) {
      if (element.name !== "table:table-cell" && element.name !== "table:covered-table-cell") continue;
      const count = repeated(element, "table:number-columns-repeated");
      const cell = cellOf(element);
      const end = Math.min(column + count, maxColumns);
      for (let at = column; cell && at < end; at += 1) cells.set(at, cell);
      const rows = repeated(element, "table:number-rows-spanned");
      if (rows > 1) to.merged.push({ top: number, bottom: number + rows - 1, left: column, right: column });
      const note = childrenOf(childOf(element, "office:annotation"), "text:p")
        .map((one) => paragraphText(one))
        .join("\n");
      if (note !== "") notes.push(`[Comment: ${note}]`);
      column += count;
    }
    if (cells.size === 0 && notes.length === 0) return;
    if (isHeader) to.headers.add(number);
    filled += cells.size * times;
    if (filled > maxFilledCells) throw new RangeError("too many cells");
    for (let at = 0; at < times; at += 1) to.rows.push({ number: number + at, cells, notes });
  };

  await readXml(archive.stream("content.xml"), {
    open(name, attributes) {
      if (name === "table:table-header-rows") isHeader = true;
      if (name === "table:table" && sheet === undefined) {
        const title = attributes["table:name"] ?? "";
        if (hiddenStyles.has(attributes["table:style-name"] ?? "")) {
          parsed.push(hiddenSheet(title));
          return true;
        }
        sheet = { name: title, rows: [], merged: [], headers: new Set(), number: 0 };
        sheets.push(sheet);
      }
      return name === "table:table-row" || name === "style:style" || name === "table:database-range";
    },
    element(element) {
      if (element.name === "table:table-row" && sheet) addRow(element, sheet);
      if (element.name === "table:database-range") markHeader(element, sheets);
      if (element.name === "style:style") {
        const properties = childOf(element, "style:table-properties");
        if (properties?.attributes["table:display"] === "false")
          hiddenStyles.add(element.attributes["style:name"] ?? "");
      }
    },
    close(name) {
      if (name === "table:table-header-rows") isHeader = false;
      if (name === "table:table") sheet = undefined;
    },
  });
  for (const one of sheets) parsed.push(...sheetRecords(one));
  return withRecords(parsed, job.name);
}
