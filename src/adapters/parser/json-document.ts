import type { ParseInput } from "../../core/ports.ts";
import type { Parsed, ParsedDocument } from "../../core/types.ts";
import { cleanLine, cleanText } from "./clean.ts";
import { isMachineData } from "./csv-cells.ts";
import { decodeText, lostCharacters } from "./decode.ts";
import { wholeDocument } from "./document.ts";
import { objectsInARow } from "./json-layout.ts";
import { fewestOfVector, isJsonObject } from "./json-metadata.ts";
import { parseJson } from "./json-parse.ts";
import { jsonRecord, recordOf } from "./json-record.ts";
import { readWhole } from "./read-whole.ts";
import { sectionsOf } from "./sections.ts";
import { quotedName, titleFromUri } from "./source-name.ts";
import { createTextBuilder, type TextBuilder } from "./text-builder.ts";

/** What is longer, as lines, is a section of its own; a few chunks' worth. */
const longestPart = 1500;
/** Levels of headings; what lies deeper is named by its path. */
const mostHeadings = 4;
/** Deeper than this, a value is data of some program. */
const deepest = 32;

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean";

const nameOf = (key: string, below: string): string => (below === "" ? cleanLine(key) : `${below}.${cleanLine(key)}`);

/** Every value below a field as a line `name: value`, its name the path from where the section begins. */
function linesOf(name: string, value: unknown, depth: number): string[] {
  if (isScalar(value)) {
    const text = cleanText(String(value)).trim();
    return text === "" || isMachineData(text) ? [] : [`${name}: ${text}`];
  }
  if (depth >= deepest) return [];
  if (Array.isArray(value)) {
    if (value.length >= fewestOfVector && value.every((part) => typeof part === "number")) return [];
    if (value.length > 0 && value.every(isScalar)) return linesOf(name, value.join(", "), depth);
    return value.flatMap((part) => linesOf(name, part, depth + 1));
  }
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, part]) => linesOf(nameOf(key, name), part, depth + 1));
}

/** Adds an object: what is short as lines, then what is long below headings of its own, so that no line stands below another's. */
function addObject(builder: TextBuilder, object: Record<string, unknown>, level: number): void {
  const parts = Object.entries(object).map(([key, value]) => ({
    key,
    value,
    lines: linesOf(cleanLine(key), value, level),
  }));
  const isLong = ({ value, lines }: (typeof parts)[number]): boolean =>
    level <= mostHeadings && !isScalar(value) && lines.reduce((sum, line) => sum + line.length, 0) > longestPart;
  builder.block(parts.flatMap((part) => (isLong(part) ? [] : part.lines)).join("\n"));
  for (const part of parts.filter(isLong)) {
    builder.heading(level, part.key);
    if (isJsonObject(part.value)) addObject(builder, part.value, level + 1);
    else if (Array.isArray(part.value) && part.value.every(isJsonObject)) {
      for (const element of part.value) builder.block(linesOf("", element, level).join("\n"));
    } else builder.block(part.lines.join("\n"));
  }
}

function documentOf(value: unknown, text: string, name: string, uri: string): ParsedDocument {
  const title = titleFromUri(uri);
  // What is neither JSON nor an object is text as it is written; so is one without a word in it, for it has keys at least.
  const written = { title, text, sections: sectionsOf(text, []) };
  if (!isJsonObject(value)) return wholeDocument(name, written);
  const record = recordOf(value);
  if (record !== undefined) {
    const sections = sectionsOf(record.text, []);
    return wholeDocument(name, { ...record, title: record.title || title, sections });
  }
  const builder = createTextBuilder();
  addObject(builder, value, 1);
  const built = builder.finish();
  const own = typeof value["title"] === "string" ? cleanLine(value["title"]) : "";
  const sections = sectionsOf(built.text, built.headings);
  if (sections.length === 0) return wholeDocument(name, written);
  return wholeDocument(name, { title: own || title, text: built.text, sections });
}

/** Objects in a row, as a document: its records are read as such where the beginning of the file shows them. */
function documentOfRow(values: readonly unknown[], name: string, uri: string): ParsedDocument {
  const builder = createTextBuilder();
  for (const [index, value] of values.entries()) {
    const record = jsonRecord(value, index + 1, `Value ${index + 1}`, (id) => id);
    if (record.kind !== "document") continue;
    builder.heading(1, record.title || record.id || String(index + 1));
    builder.block(record.text);
  }
  const { text, headings } = builder.finish();
  return wholeDocument(name, { title: titleFromUri(uri), text, sections: sectionsOf(text, headings) });
}

/** A file of JSON that is one value, see `createJsonParser`. */
export async function* jsonDocument(input: ParseInput, maxFileBytes: number): AsyncGenerator<Parsed> {
  const name = quotedName(input.uri);
  const decoded = await decodeText(await readWhole(input, maxFileBytes));
  const text = cleanText(decoded.text);
  let value: unknown;
  let row: readonly unknown[] | undefined;
  try {
    value = parseJson(text);
  } catch {
    row = objectsInARow(text);
  }
  yield row ? documentOfRow(row, name, input.uri) : documentOf(value, text, name, input.uri);
  const lost = lostCharacters(decoded);
  if (lost) yield lost;
}
