import { parseJson } from "./json-parse.ts";

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

/** Offset after the first value, an object or an array; -1 where it does not end. */
function firstValueEnd(text: string): number {
  let depth = 0;
  for (const { 0: match, index } of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[{\]}]/g)) {
    if (match === "[" || match === "{") depth += 1;
    else if (match === "]" || match === "}") depth -= 1;
    if (depth === 0) return index + match.length;
  }
  return -1;
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
  if (!text.startsWith("{") || lineBreak === -1 || isWhole(first)) return lines;
  const end = firstValueEnd(text);
  if (end === -1) return first.trim() === "{" ? values : lines;
  return end > lineBreak && isWhole(text.slice(0, end)) ? values : lines;
}

/** Whether a file named `.json` holds an array of objects, each a record. */
export function looksLikeJsonArray(head: Uint8Array): boolean {
  const text = new TextDecoder().decode(head).replaceAll("\0", "").trimStart();
  if (!/^\[\s*\{\s*["}]/.test(text)) return false;
  const element = text.slice(1).trimStart();
  const end = firstValueEnd(element);
  return end === -1 || isWhole(element.slice(0, end));
}
