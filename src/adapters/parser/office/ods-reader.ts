import type { Parsed } from "../../../core/types.ts";
import type { SandboxJob } from "../sandbox-protocol.ts";
import { partOfBlocks } from "./blocks.ts";
import { paragraphText } from "./odf.ts";
import { odfBlocks } from "./odf-blocks.ts";
import { openOdf } from "./odf-document.ts";
import {
  type Cell,
  cellPlace,
  columnName,
  drawnRecord,
  hiddenSheet,
  type MergedCells,
  maxColumns,
  type Sheet,
  type SheetRow,
  sheetRecords,
  withRecords,
} from "./sheet.ts";
import type { HeaderCells } from "./sheet-headers.ts";
import { childOf, childrenOf, elementsOf, readXml, type XmlElement } from "./xml.ts";

// A row or a cell may say that it stands for many equal ones, up to a whole sheet; those that are filled are written out.
const maxFilledCells = 4_000_000;

/** How often a row or a cell stands for itself. */
function repeated(element: XmlElement, name: string): number {
  const count = Number(element.attributes[name] ?? "1");
  return Number.isInteger(count) && count > 0 ? count : 1;
}

/** `36:00:00` for `PT36H00M00S`. */
function duration(iso: string): string {
  const [, hours = "0", minutes = "0", seconds = "0"] = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$/.exec(iso) ?? [];
  return [hours, minutes, seconds].map((part) => part.padStart(2, "0")).join(":");
}

/** The value of a cell that does not say how it is shown: programs that write sheets without showing them leave that out. */
function plainValue({ attributes }: XmlElement): string {
  const { "office:boolean-value": truth, "office:time-value": time } = attributes;
  if (truth !== undefined) return truth.toUpperCase();
  if (time !== undefined) return duration(time);
  return (
    attributes["office:string-value"] ??
    attributes["office:date-value"]?.replace(/T00:00:00(?:\.0+)?$/, "").replace("T", " ") ??
    attributes["office:value"] ??
    ""
  );
}

function cellOf(element: XmlElement): Cell | undefined {
  const shown = childrenOf(element, "text:p")
    .map((one) => paragraphText(one))
    .join("\n");
  const text = shown.trim() === "" ? plainValue(element) : shown;
  if (text.trim() === "") return undefined;
  return { text, isWords: (element.attributes["office:value-type"] ?? "string") === "string" };
}

interface OpenSheet extends Sheet {
  readonly rows: SheetRow[];
  readonly merged: MergedCells[];
  readonly headers: HeaderCells[];
  readonly uncalculated: string[];
  /** The last row that was read. */
  number: number;
  /** The words of shapes that lie on it. */
  readonly drawn: string[];
}

// What Calc keeps of other files: the cells that formulas refer to, and links to other programs.
const isCached = (sheet: string): boolean => /^'(?:file|https?|ftp|smb|vnd\.[\w.-]+):.*'#/.test(sheet);

const isShape = ({ name }: XmlElement): boolean => name.startsWith("draw:");

/** The words of text boxes and other shapes in an element. */
function shapeText(element: XmlElement): string {
  return partOfBlocks(odfBlocks({ ...element, children: elementsOf(element).filter(isShape) })).text;
}

/** The header of a range that the program filters or sorts: `'My sheet'.A3:'My sheet'.F20`. */
function markHeader({ attributes }: XmlElement, sheets: readonly OpenSheet[]): void {
  if (attributes["table:contains-header"] === "false") return;
  const [, name = "", start = "", last = ""] =
    /^\$?(.*)\.([^.:]+):(?:.*\.)?([^.:]+)$/.exec(attributes["table:target-range-address"] ?? "") ?? [];
  const [place, end] = [cellPlace(start), cellPlace(last)];
  const plain = name.replace(/^'|'$/g, "").replaceAll("''", "'");
  const header = place && end && { row: place.row, left: place.column, right: end.column };
  if (header) sheets.find((one) => one.name === plain)?.headers.push(header);
}

/** Runs in the sandbox. The file holds each value as its program showed it. */
export async function readOds(job: SandboxJob): Promise<readonly Parsed[]> {
  const archive = await openOdf(job);
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
      const { "table:formula": formula, "office:value-type": type } = element.attributes;
      if (formula !== undefined && type === undefined && !cell) to.uncalculated.push(`${columnName(column)}${number}`);
      const end = Math.min(column + count, maxColumns);
      for (let at = column; cell && at < end; at += 1) cells.set(at, cell);
      to.drawn.push(shapeText(element));
      const rows = repeated(element, "table:number-rows-spanned");
      const columns = repeated(element, "table:number-columns-spanned");
      if (rows > 1 || columns > 1)
        to.merged.push({ top: number, bottom: number + rows - 1, left: column, right: column + columns - 1 });
      const note = childrenOf(childOf(element, "office:annotation"), "text:p")
        .map((one) => paragraphText(one))
        .join("\n");
      if (note !== "") notes.push(`[Comment: ${note}]`);
      column += count;
    }
    if (cells.size === 0 && notes.length === 0) return;
    if (isHeader) to.headers.push({ row: number, left: 0, right: maxColumns });
    filled += cells.size * times;
    if (filled > maxFilledCells) throw new RangeError("too many cells");
    for (let at = 0; at < times; at += 1) to.rows.push({ number: number + at, cells, notes });
  };

  await readXml(archive.stream("content.xml"), {
    open(name, attributes) {
      if (name === "table:table-header-rows") isHeader = true;
      if (name === "table:table" && sheet === undefined) {
        const title = attributes["table:name"] ?? "";
        if (isCached(title)) return true;
        if (hiddenStyles.has(attributes["table:style-name"] ?? "")) {
          parsed.push(hiddenSheet(title));
          return true;
        }
        sheet = { name: title, rows: [], merged: [], headers: [], uncalculated: [], number: 0, drawn: [] };
        sheets.push(sheet);
      }
      if (name === "table:dde-links" || name === "table:tracked-changes") return true;
      return (
        name === "table:shapes" ||
        name === "table:table-row" ||
        name === "style:style" ||
        name === "table:database-range"
      );
    },
    element(element) {
      if (element.name === "table:table-row" && sheet) addRow(element, sheet);
      if (element.name === "table:shapes" && sheet) sheet.drawn.push(shapeText(element));
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
  for (const one of sheets) parsed.push(...sheetRecords(one), ...drawnRecord(one.name, one.drawn));
  return withRecords(parsed, job.name);
}
