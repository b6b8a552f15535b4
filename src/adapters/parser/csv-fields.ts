import type { CsvDialect } from "./csv-dialect.ts";

const isBlank = (character: string | undefined, delimiter: string): boolean =>
  character === " " || (character === "\t" && delimiter !== "\t");

/** What stands in quotes, with its escapes undone. */
function unescaped(value: string, quoteEscape: CsvDialect["quoteEscape"]): string {
  if (quoteEscape === "\\" && value.includes("\\")) return value.replace(/\\(["\\])|""/g, (_, kept = '"') => kept);
  return value.includes('""') ? value.replaceAll('""', '"') : value;
}

/** Where the quoted field that begins at `from` ends: the offset of its closing quote; -1 where there is none. */
function closingQuote(record: string, from: number, { delimiter, quoteEscape }: CsvDialect): number {
  for (let at = from; ; at += 1) {
    let end = record.indexOf('"', at);
    if (end === -1) return -1;
    if (quoteEscape === "outer") {
      let after = end + 1;
      while (isBlank(record[after], delimiter)) after += 1;
      if (after === record.length || record[after] === delimiter) return end;
      at = end;
      continue;
    }
    if (quoteEscape === "\\") {
      let start = end;
      while (start > from && record[start - 1] === "\\") start -= 1;
      if ((end - start) % 2 === 1) {
        at = end;
        continue;
      }
    }
    if (record[end + 1] !== '"') return end;
    at = end += 1;
  }
}

/**
 * The fields of one record whose quotes `quoteState` has found in order. A field is quoted where its first character but
 * blanks is a quote; a quote anywhere else is a character like any other. Blanks around a field are left to the caller.
 *
 * @param record without its line end; quoted fields may hold line ends.
 */
export function csvFields(record: string, dialect: CsvDialect): string[] {
  const { delimiter, quoteEscape } = dialect;
  if (quoteEscape === "" || !record.includes('"')) return record.split(delimiter);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let start = at;
    while (isBlank(record[start], delimiter)) start += 1;
    const close = record[start] === '"' ? closingQuote(record, start + 1, dialect) : -1;
    let end = record.indexOf(delimiter, close === -1 ? at : close + 1);
    if (end === -1) end = record.length;
    fields.push(close === -1 ? record.slice(at, end) : unescaped(record.slice(start + 1, close), quoteEscape));
    if (end === record.length) return fields;
    at = end + 1;
  }
}
