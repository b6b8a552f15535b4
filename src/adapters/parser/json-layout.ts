import { parseJson } from "./json-parse.ts";
import { beginningOf } from "./utf32.ts";

/** How the records of a file of JSON lie in it: one a line, or values that take the lines they need. */
export interface JsonLayout {
  readonly records: "lines" | "values";
  readonly lineEnd: "lf" | "cr";
}

function isWhole(json: string): boolean {
  try {
    parseJson(json);
    return true;
  } catch {
    return false;
  }
}

const separator = /[\s,]*/y;

/** Offset after the value that begins at `from` or after it, an object or an array; -1 where it does not end. */
function valueEnd(text: string, from = 0): number {
  const mark = /"[^"\\]*(?:\\.[^"\\]*)*"|[[{\]}]/gs;
  mark.lastIndex = from;
  let depth = 0;
  for (let match = mark.exec(text); match !== null; match = mark.exec(text)) {
    if (match[0] === "[" || match[0] === "{") depth += 1;
    else if (match[0] === "]" || match[0] === "}") depth -= 1;
    if (depth === 0) return mark.lastIndex;
  }
  return -1;
}

// After an object: a comma, or the next one with no line between them.
const anotherFollows = /^[ \t]*(?:,|[{[])/;

/** The values of a text that is nothing but objects in a row; undefined for any other. */
export function objectsInARow(text: string): unknown[] | undefined {
  const values: unknown[] = [];
  for (let at = text.search(/\S/); at !== -1 && at < text.length; ) {
    const end = valueEnd(text, at);
    if (text[at] !== "{" || end === -1) return undefined;
    try {
      values.push(parseJson(text.slice(at, end)));
    } catch {
      return undefined;
    }
    separator.lastIndex = end;
    at = end + (separator.exec(text)?.[0].length ?? 0);
  }
  return values.length > 1 ? values : undefined;
}

/** @param beginning of the file, as text; its end may be cut. */
export function jsonLayout(beginning: string): JsonLayout {
  const lineEnd = beginning.includes("\r") && !beginning.includes("\n") ? "cr" : "lf";
  const text = beginning.trimStart();
  const lines: JsonLayout = { records: "lines", lineEnd };
  const values: JsonLayout = { records: "values", lineEnd };
  const lineBreak = text.search(/[\r\n]/);
  const first = lineBreak === -1 ? text : text.slice(0, lineBreak);
  if (/^\[\s*[{["\]]/.test(text)) {
    const following = lineBreak === -1 ? "" : text.slice(lineBreak).trim();
    // An array on one line may be one of many such lines.
    return following !== "" && isWhole(first) ? lines : values;
  }
  if (!text.startsWith("{")) return lines;
  if (isWhole(first)) return text.slice(first.length).trimStart().startsWith(",") ? values : lines;
  const end = valueEnd(text);
  if (end !== -1 && anotherFollows.test(text.slice(end)) && isWhole(text.slice(0, end))) return values;
  if (lineBreak === -1) return lines;
  if (end === -1) return first.trim() === "{" ? values : lines;
  return end > lineBreak && isWhole(text.slice(0, end)) ? values : lines;
}

/** Whether a file named `.json` holds an array of objects, or several objects in a row, each a record. */
export function looksLikeJsonRecords(head: Uint8Array): boolean {
  const text = beginningOf(head).trimStart();
  if (text.startsWith("{")) {
    const next = valueEnd(text);
    return next !== -1 && /^[\s,]*\{\s*["}]/.test(text.slice(next)) && isWhole(text.slice(0, next));
  }
  if (!/^\[\s*\{\s*["}]/.test(text)) return false;
  const element = text.slice(1).trimStart();
  const end = valueEnd(element);
  return end === -1 || isWhole(element.slice(0, end));
}
