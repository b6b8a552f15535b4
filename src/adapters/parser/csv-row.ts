import type { ParsedDocument } from "../../core/types.ts";
import { cleanLine, cleanText } from "./clean.ts";
import { isMachineData } from "./csv-cells.ts";
import { recordDocument } from "./document.ts";
import { uniqueIds } from "./unique-ids.ts";

/** Column names as given, `column_3` for one without a name, `name_2` for the second of a name. */
export function columnNames(header: readonly string[]): string[] {
  const distinct = uniqueIds((name, count) => `${name}_${count}`);
  return header.map((raw, index) => distinct(cleanLine(raw) || `column_${index + 1}`));
}

/** Which columns have a meaning of their own. -1 is none. */
export interface ColumnRoles {
  readonly id: number;
  readonly title: number;
  readonly text: number;
}

/**
 * The meaning of columns by name, whatever its case. `text` is the text of its rows; `content` and `body` are where they
 * hold sentences: those of a product or of a car are columns like any other.
 *
 * @param prose of each column, whether its cells are sentences.
 * @param repeated of each column, whether few values come again and again: a kind that is called `ID` names no row.
 */
export function columnRoles(
  columns: readonly string[],
  prose: readonly boolean[],
  repeated: readonly boolean[],
): ColumnRoles {
  const lower = columns.map((column) => column.toLowerCase());
  const find = (names: readonly string[], fits = (_at: number) => true): number =>
    names.map((name) => lower.findIndex((column, at) => column === name && fits(at))).find((at) => at !== -1) ?? -1;
  const text = find(["text"]);
  return {
    id: find(["id", "_id"], (at) => repeated[at] !== true),
    title: find(["title"]),
    text: text === -1 ? find(["content", "body"], (at) => prose[at] === true) : text,
  };
}

/** What the rows of one table have in common. */
export interface RowContext {
  readonly columns: readonly string[];
  readonly roles: ColumnRoles;
  /** The title above the table, for rows without one of their own. */
  readonly tableTitle: string;
  /** Makes an id distinct from those of the rows above. */
  readonly distinctId: (id: string, rowNumber: number) => string;
}

/** Whether a column is named by its position alone, which says nothing that a reader looks for; a year does. */
function isPosition(name: string, index: number): boolean {
  return name === `column_${index + 1}` || name === String(index) || name === String(index + 1);
}

// Nor does a number that only counts the rows.
const counter = /^\d{1,6}$/;

/**
 * A row as a document. Its text is the text column, then every other filled column as a line `name: value` (the value alone
 * where the column has no name), so that each word of the row can be found; long prose stays undisturbed before them. All
 * columns without a role are metadata. Missing columns are left out, surplus ones are named `column_N`; so are data of
 * programs, see `isMachineData`.
 *
 * @param rowNumber from 1, the record's id where it has none.
 * @returns undefined for a row without any value.
 */
export function rowDocument(
  row: readonly string[],
  { columns, roles, tableTitle, distinctId }: RowContext,
  rowNumber: number,
): ParsedDocument | undefined {
  let [id, title, body, listed] = ["", "", "", ""];
  let listedId = "";
  const fields: [string, string][] = [];
  let filled = false;
  for (let index = 0; index < row.length; index += 1) {
    const value = cleanText(row[index] ?? "").trim();
    // What databases write where there is no value.
    if (value === "" || value === "\\N") continue;
    filled = true;
    const name = columns[index] ?? `column_${index + 1}`;
    if (index === roles.title) title = cleanLine(value);
    else if (index === roles.text) body = value;
    else if (index === roles.id) {
      id = value;
      // An id is a word to look for in a table; beside prose it would only blur what the text is about.
      if (!counter.test(value)) listedId = `${name}: ${value}`;
    } else if (!isMachineData(value)) {
      fields.push([name, value]);
      listed += `${listed === "" ? "" : "\n"}${isPosition(name, index) ? value : `${name}: ${value}`}`;
    }
  }
  if (!filled) return undefined;
  if (body === "" && listedId !== "") listed = listed === "" ? listedId : `${listedId}\n${listed}`;
  const text = body === "" || listed === "" ? body || listed || title || id : `${body}\n\n${listed}`;
  return recordDocument(
    distinctId(id || String(rowNumber), rowNumber),
    title || tableTitle,
    text,
    Object.fromEntries(fields),
  );
}
