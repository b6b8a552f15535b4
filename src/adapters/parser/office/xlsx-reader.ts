import { IsthmusError } from "../../../core/errors.ts";
import type { Parsed } from "../../../core/types.ts";
import { cleanLine } from "../clean.ts";
import type { SandboxJob } from "../sandbox-protocol.ts";
import { type Archive, openArchive } from "./archive.ts";
import { partOfBlocks } from "./blocks.ts";
import { drawingParagraphs, drawnParts } from "./drawing.ts";
import { embeddedFault, embeddedFiles } from "./embedded.ts";
import { refuseOle } from "./ole.ts";
import { mainPart, type Relationship, relationshipsOf } from "./package.ts";
import {
  type Cell,
  cellPlace,
  columnName,
  drawnRecord,
  hiddenSheet,
  type MergedCells,
  type SheetRow,
  sheetRecords,
  withRecords,
} from "./sheet.ts";
import type { HeaderCells } from "./sheet-headers.ts";
import { type CellFormats, readCellFormats } from "./xlsx-formats.ts";
import { childOf, childrenOf, descendants, readXml, textOf, type XmlElement, xmlTree } from "./xml.ts";

/** The text of a shared or an inline string, without the readings above it. */
function stringText(item: XmlElement | undefined): string {
  return item
    ? descendants(item, "x:t", "x:rPh")
        .map((one) => (one.name === "x:t" ? unescaped(textOf(one)) : ""))
        .join("")
    : "";
}

/** `_x000D_` stands for a character that XML cannot hold (ECMA-376 part 1, 22.4.2.4). */
function unescaped(text: string): string {
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_match, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

interface Workbook {
  readonly strings: readonly string[];
  readonly formats: CellFormats;
}

async function sharedStrings(archive: Archive, part: string | undefined): Promise<string[]> {
  const strings: string[] = [];
  if (part === undefined) return strings;
  await readXml(archive.stream(part), {
    open: (name) => name === "x:si",
    element: (item) => strings.push(stringText(item)),
  });
  return strings;
}

function cellOf(element: XmlElement, { strings, formats }: Workbook): Cell | undefined {
  const { t: type = "n", s: style = "0" } = element.attributes;
  const value = textOf(childOf(element, "x:v"));
  const words = (plain: string): Cell | undefined => {
    const text = formats.shownWords(plain, style);
    return text.trim() === "" ? undefined : { text, isWords: true };
  };
  if (type === "s") return value === "" ? undefined : words(strings[Number(value)] ?? "");
  if (type === "inlineStr") return words(stringText(childOf(element, "x:is")));
  if (type === "str") return words(unescaped(value));
  if (value === "") return undefined;
  if (type === "b") return { text: value === "1" ? "TRUE" : "FALSE", isWords: false };
  if (type === "d") return { text: formats.shownDate(value, style), isWords: false };
  // An error such as #N/A, or what is no number.
  if (type === "e" || Number.isNaN(Number(value))) return { text: value, isWords: false };
  const text = formats.shown(Number(value), style);
  return text.trim() === "" ? undefined : { text, isWords: false };
}

function rangeOf(reference: string | undefined): MergedCells | undefined {
  const [from = "", to = from] = reference?.split(":") ?? [];
  const start = cellPlace(from);
  const end = cellPlace(to);
  return start && end && { top: start.row, bottom: end.row, left: start.column, right: end.column };
}

/** A formula whose result is not in the file; an empty text is a result. */
function isUncalculated(element: XmlElement): boolean {
  return (
    childOf(element, "x:f") !== undefined && element.attributes["t"] !== "str" && textOf(childOf(element, "x:v")) === ""
  );
}

interface SheetSource {
  readonly name: string;
  readonly part: string;
  readonly relationships: readonly Relationship[];
}

/** Remarks by cell. Where people answered each other, the old kind of remark tells so in words of the program's. */
async function readComments(archive: Archive, relationships: readonly Relationship[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const each = async (type: string, name: string, textIn: (one: XmlElement) => string): Promise<void> => {
    const byCell = new Map<string, string[]>();
    for (const { target } of relationships.filter((one) => one.type === type)) {
      const root = await xmlTree(archive.stream(target));
      for (const one of root ? descendants(root, name) : []) {
        const cell = one.attributes["ref"] ?? "";
        byCell.set(cell, [...(byCell.get(cell) ?? []), textIn(one).trim()]);
      }
    }
    for (const [cell, texts] of byCell) found.set(cell, texts.join("\n"));
  };
  await each("comments", "x:comment", (one) => stringText(childOf(one, "x:text")));
  await each("threadedComment", "threadedComment", (one) => textOf(childOf(one, "text")));
  return found;
}

/** Text boxes, charts and diagrams that lie on a sheet. */
async function readDrawings(archive: Archive, relationships: readonly Relationship[]): Promise<string[]> {
  const texts: string[] = [];
  for (const { type, target } of relationships) {
    if (type !== "drawing") continue;
    texts.push(...drawingParagraphs(await xmlTree(archive.stream(target))));
    for (const blocks of (await drawnParts(archive, await relationshipsOf(archive, target))).values()) {
      texts.push(partOfBlocks(blocks).text);
    }
  }
  return texts;
}

const remark = (cell: string, text: string): string => `[Comment on ${cell}: ${text}]`;

/** Remarks on cells that are not in the file, for nothing is in them. */
function addRemarks(rows: SheetRow[], comments: ReadonlyMap<string, string>): void {
  for (const [cell, text] of comments) {
    const number = cellPlace(cell)?.row;
    if (number === undefined || text === "") continue;
    const at = rows.findIndex((row) => row.number === number);
    const row = rows[at] ?? { number, cells: new Map(), notes: [] };
    rows.splice(at === -1 ? rows.length : at, 1, { ...row, notes: [...row.notes, remark(cell, text)] });
  }
  rows.sort((a, b) => a.number - b.number);
}

async function readSheet(archive: Archive, source: SheetSource, workbook: Workbook): Promise<Parsed[]> {
  const comments = await readComments(archive, source.relationships);
  const rows: SheetRow[] = [];
  const merged: MergedCells[] = [];
  const headers: HeaderCells[] = [];
  const uncalculated: string[] = [];
  let number = 0;
  const addRow = (row: XmlElement): void => {
    number = Number(row.attributes["r"] ?? number + 1);
    const cells = new Map<number, Cell>();
    const notes: string[] = [];
    let column = -1;
    for (const element of childrenOf(row, "x:c")) {
      const reference = element.attributes["r"] ?? "";
      column = cellPlace(reference)?.column ?? column + 1;
      const cell = cellOf(element, workbook);
      if (cell) cells.set(column, cell);
      if (isUncalculated(element)) uncalculated.push(reference || `${columnName(column)}${number}`);
      const comment = comments.get(reference);
      if (comment) notes.push(remark(reference, comment));
      comments.delete(reference);
    }
    if (cells.size > 0 || notes.length > 0) rows.push({ number, cells, notes });
  };
  await readXml(archive.stream(source.part), {
    open: (name) => name === "x:row" || name === "x:mergeCell" || name === "x:autoFilter",
    element(element) {
      if (element.name === "x:row") {
        addRow(element);
        return;
      }
      const range = rangeOf(element.attributes["ref"]);
      if (!range) return;
      if (element.name === "x:mergeCell") merged.push(range);
      else headers.push({ row: range.top, left: range.left, right: range.right });
    },
  });
  for (const { type, target } of source.relationships) {
    if (type !== "table") continue;
    const table = (await xmlTree(archive.stream(target)))?.attributes;
    const range = table?.["headerRowCount"] === "0" ? undefined : rangeOf(table?.["ref"]);
    if (range) headers.push({ row: range.top, left: range.left, right: range.right, bottom: range.bottom });
  }
  addRemarks(rows, comments);
  const records: Parsed[] = sheetRecords({ name: source.name, rows, merged, headers, uncalculated });
  records.push(...drawnRecord(source.name, await readDrawings(archive, source.relationships)));
  records.push(...embeddedFault(embeddedFiles(source.relationships), `${cleanLine(source.name)}!embedded`));
  return records;
}

/** Runs in the sandbox. */
export async function readXlsx(job: SandboxJob): Promise<readonly Parsed[]> {
  const bytes = Buffer.from(job.bytes.buffer, job.bytes.byteOffset, job.bytes.byteLength);
  refuseOle(bytes, job.name);
  const archive = await openArchive(bytes, job.name);
  const main = await mainPart(archive, "xl/workbook.xml");
  if (main.toLowerCase().endsWith(".bin")) {
    const message = `${job.name} is in the binary form of Excel workbooks (XLSB), which is not read. Save it as XLSX.`;
    throw new IsthmusError("content_unsupported", message);
  }
  const relationships = await relationshipsOf(archive, main);
  const root = await xmlTree(archive.stream(main));
  const partOf = (type: string) => relationships.find((one) => one.type === type)?.target;
  const since1904 = /^(?:1|true)$/.test(childOf(root, "x:workbookPr")?.attributes["date1904"] ?? "");
  const workbook: Workbook = {
    strings: await sharedStrings(archive, partOf("sharedStrings")),
    formats: await readCellFormats(archive, partOf("styles"), since1904),
  };
  const parsed: Parsed[] = [];
  for (const { attributes } of childrenOf(childOf(root, "x:sheets"), "x:sheet")) {
    const { name = "", "r:id": id, state = "visible" } = attributes;
    const part = relationships.find((one) => one.id === id)?.target;
    if (state !== "visible") parsed.push(hiddenSheet(name));
    else if (part !== undefined) {
      const own = await relationshipsOf(archive, part);
      parsed.push(...(await readSheet(archive, { name, part, relationships: own }, workbook)));
    }
  }
  return withRecords(parsed, job.name);
}
