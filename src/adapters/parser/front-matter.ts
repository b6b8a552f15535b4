import type { Metadata } from "../../core/types.ts";
import { cleanLine } from "./clean.ts";

interface FrontMatter {
  readonly title: string | undefined;
  readonly metadata: Metadata;
  /** Where the text begins: after the front matter, or after a rule at the top. */
  readonly end: number;
}

// YAML between lines of "---" (the end may be "..."), or TOML between lines of "+++". A blank line right after the opening
// makes it a rule, as in pandoc.
const opening = /^(---|\+\+\+)[ \t]*\n(?![ \t]*\n)/;
const field = /^([\p{L}_][\p{L}\p{N}_. -]{0,60})[ \t]*[:=](?:[ \t]+(.*))?$/u;
// What may stand between fields: more of a value, an item of a list, a comment, the name of a TOML table.
const between = /^(?:[ \t]|[-#[\]}]|$)/;
// More than this is no description of a document, and YAML may cost much time for each byte.
const mostCharacters = 65_536;
const deepest = 4;

/** A text, or a list of several. */
type Field = string | readonly string[];

function* flattened(name: string, value: unknown, depth = 1): Generator<[string, Field]> {
  if (Array.isArray(value)) {
    const parts = value.filter((part) => typeof part === "string").map(cleanLine);
    const kept = parts.filter((part) => part !== "");
    if (kept.length > 0) yield [name, kept];
    yield* members(name, value, depth);
  } else if (typeof value === "object" && value !== null) {
    if (depth >= deepest) return;
    for (const [key, part] of Object.entries(value)) yield* flattened(`${name}.${cleanLine(key)}`, part, depth + 1);
  } else if (typeof value === "string") {
    const kept = cleanLine(value);
    if (kept !== "" && kept !== "~" && kept !== "null") yield [name, kept];
  }
}

/** What the objects of a list have in common: `authors.name` is a list of their names. */
function* members(name: string, list: readonly unknown[], depth: number): Generator<[string, Field]> {
  const lists = new Map<string, string[]>();
  for (const part of list) {
    if (typeof part !== "object" || part === null || Array.isArray(part)) continue;
    for (const [key, field] of flattened(name, part, depth)) lists.set(key, (lists.get(key) ?? []).concat(field));
  }
  yield* lists;
}

/** The fields of YAML, scalars as they are written; undefined for what is no mapping. */
async function yamlFields(block: string): Promise<Map<string, Field> | undefined> {
  // Documents without front matter need not load it.
  const { parseDocument } = await import("./yaml-document.ts");
  try {
    const document = parseDocument(block, { schema: "failsafe", uniqueKeys: false, logLevel: "silent" });
    if (document.errors.length > 0) return undefined;
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return new Map(Object.entries(value).flatMap(([key, part]) => [...flattened(cleanLine(key), part)]));
  } catch {
    return undefined;
  }
}

// A value of TOML, or of YAML on one line: in quotes, or up to a comma, the list's end or a comment.
const scalar = /"((?:[^"\\]|\\.)*)"|'([^']*)'|[^,[\]#\s](?:[^,[\]#]|(?<=\S)#)*/y;

/** The values of a list in brackets, whose commas may stand in quotes. */
function listed(inside: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at < inside.length; at += 1) {
    scalar.lastIndex = at;
    const found = scalar.exec(inside);
    if (!found) continue;
    parts.push(unquoted(found[0]));
    at = scalar.lastIndex;
  }
  return parts;
}

function unquoted(value: string): string {
  const [, double, single] = /^(?:"((?:[^"\\]|\\.)*)"|'(.*)')(?:\s*#.*)?$/.exec(value.trim()) ?? [];
  return double?.replace(/\\(["\\])/g, "$1") ?? single ?? value.trim();
}

/** Line by line: TOML, and YAML that is not quite (a colon inside a title). */
function flatFields(lines: readonly string[], isToml: boolean): Map<string, Field> {
  const fields = new Map<string, Field>();
  let table = "";
  for (const line of lines) {
    const header = isToml ? /^\[+([^[\]]+)\]+\s*(?:#.*)?$/.exec(line.trim()) : null;
    if (header) table = `${header[1]?.trim()}.`;
    const [, key, raw = ""] = field.exec(line.trimEnd()) ?? [];
    const list = /^\[(.*)\](?:\s*#.*)?$/.exec(raw.trim());
    const written = isToml && !/^["']/.test(raw) ? raw.replace(/\s+#.*$/, "") : raw;
    const parts = (list ? listed(list[1] ?? "") : [unquoted(written)]).map(cleanLine).filter((part) => part !== "");
    if (key !== undefined && parts.length > 0) fields.set(table + key.trim(), list ? parts : parts.join(""));
  }
  return fields;
}

/**
 * The front matter of a Markdown text: fields become metadata, as strings and lists of strings; the names of nested fields
 * are joined by dots. `title` is the document's title and no metadata. A rule at the top with prose below it is none, and neither is what
 * nothing stands below: then its words are all there is.
 */
export async function frontMatter(text: string): Promise<FrontMatter> {
  const none = { title: undefined, metadata: {}, end: 0 };
  const fence = opening.exec(text);
  if (!fence) return none;
  const closing = fence[1] === "---" ? /^(?:---|\.\.\.)[ \t]*(?:\n|$)/gm : /^\+\+\+[ \t]*(?:\n|$)/gm;
  closing.lastIndex = fence[0].length;
  const end = closing.exec(text);
  if (!end || end.index > mostCharacters) return none;
  const block = text.slice(fence[0].length, end.index);
  const lines = block.split("\n");
  const first = lines.find((line) => line.trim() !== "" && !between.test(line));
  if (block.trim() !== "" && (first === undefined || !lines.every((line) => field.test(line) || between.test(line)))) {
    // A block scalar, or a key in quotes, is YAML all the same; prose is not.
    if (fence[1] === "+++" || (await yamlFields(block)) === undefined) {
      return { ...none, end: fence[1] === "---" ? fence[0].length : 0 };
    }
  }
  const fields = (fence[1] === "---" ? await yamlFields(block) : undefined) ?? flatFields(lines, fence[1] === "+++");
  const titleKey = fields.has("title") ? "title" : [...fields.keys()].find((key) => key.toLowerCase() === "title");
  const title = [fields.get(titleKey ?? "title") ?? []].flat().join(", ") || undefined;
  if (titleKey !== undefined) fields.delete(titleKey);
  const after = end.index + end[0].length;
  const isAll = text.slice(after).trim() === "";
  return { title, metadata: Object.fromEntries(fields), end: isAll ? fence[0].length : after };
}
