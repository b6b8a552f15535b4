import { parse } from "csv-parse/sync";
import type { Metadata, ParsedDocument } from "../../core/types.ts";
import { cleanLine, cleanText } from "./clean.ts";
import { recordDocument } from "./document.ts";

/**
 * The fields of each record of a batch.
 *
 * @param records records without their line ends, valid UTF-8, quotes balanced.
 * @returns one entry for each record, undefined for one that is no row after all.
 */
export function csvFields(records: readonly Uint8Array[], delimiter: string): (string[] | undefined)[] {
  const parseAll = (batch: readonly Uint8Array[]): string[][] =>
    parse(Buffer.concat(batch.flatMap((record) => [record, Buffer.from("\n")])), {
      delimiter,
      record_delimiter: "\n",
      relax_quotes: true,
      relax_column_count: true,
      // A tab may not be trimmed where it separates.
      trim: delimiter !== "\t",
    });
  const parseOrNothing = (batch: readonly Uint8Array[]): string[][] => {
    try {
      return parseAll(batch);
    } catch {
      return [];
    }
  };
  const rows = parseOrNothing(records);
  if (rows.length === records.length) return rows;
  // One of them confuses the rest: find it by reading each by itself.
  return records.map((record) => {
    const alone = parseOrNothing([record]);
    return alone.length === 1 ? alone[0] : undefined;
  });
}

/** Column names as given, `column_3` for one without a name, `name_2` for the second of a name. */
export function columnNames(header: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return header.map((raw, index) => {
    const name = cleanLine(raw) || `column_${index + 1}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}_${count}`;
  });
}

/** Which columns have a meaning of their own, by name, whatever its case. -1 is none. */
interface ColumnRoles {
  readonly id: number;
  readonly title: number;
  readonly text: number;
}

export function columnRoles(columns: readonly string[]): ColumnRoles {
  const lower = columns.map((column) => column.toLowerCase());
  const find = (...names: string[]): number => names.map((name) => lower.indexOf(name)).find((at) => at !== -1) ?? -1;
  return { id: find("id", "_id"), title: find("title"), text: find("text", "content", "body") };
}

/**
 * A row as a document: the text column, or else every filled column as a line `name: value`. All columns without a role
 * are metadata. Missing columns are left out, surplus ones are named `column_N`.
 *
 * @returns undefined for a row without any value.
 */
export function rowDocument(
  row: readonly string[],
  columns: readonly string[],
  roles: ColumnRoles,
  rowNumber: number,
): ParsedDocument | undefined {
  const values = row.map((value) => cleanText(value).trim());
  if (values.every((value) => value === "")) return undefined;
  const id = (values[roles.id] ?? "") || String(rowNumber);
  const title = cleanLine(values[roles.title] ?? "");
  const own = new Set([roles.id, roles.title, roles.text]);
  const fields = values.flatMap((value, index): [string, string][] =>
    value === "" || own.has(index) ? [] : [[columns[index] ?? `column_${index + 1}`, value]],
  );
  const metadata: Metadata = Object.fromEntries(fields);
  const listed = fields.map(([name, value]) => `${name}: ${value}`).join("\n");
  const text = roles.text === -1 ? listed : (values[roles.text] ?? "");
  return recordDocument(id, title, text === "" ? title : text, metadata);
}
