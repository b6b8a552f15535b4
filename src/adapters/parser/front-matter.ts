import type { Metadata } from "../../core/types.ts";
import { cleanLine } from "./clean.ts";

interface FrontMatter {
  readonly title: string | undefined;
  readonly metadata: Metadata;
  /** Where the text after the front matter begins; 0 where there is none. */
  readonly end: number;
}

// YAML between lines of "---" (the end may be "..."), or TOML between lines of "+++".
const opening = /^(---|\+\+\+)[ \t]*\n/;
const field = /^([A-Za-z_][\w.-]*)[ \t]*[:=][ \t]*(.*)$/;

function unquoted(value: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(value);
  return quoted?.[2] ?? value;
}

function fieldValue(raw: string): string {
  const list = /^\[(.*)\]$/.exec(raw);
  if (!list) return unquoted(raw);
  return (list[1] ?? "")
    .split(",")
    .map((part) => unquoted(part.trim()))
    .filter((part) => part !== "")
    .join(", ");
}

/**
 * The front matter of a Markdown text. Flat `key: value` lines become metadata, as strings, inline lists joined with
 * ", "; nested structures are left out. `title` is the document's title and no metadata.
 */
export function frontMatter(text: string): FrontMatter {
  const none = { title: undefined, metadata: {}, end: 0 };
  const fence = opening.exec(text);
  if (!fence) return none;
  const closing = fence[1] === "---" ? /^(?:---|\.\.\.)[ \t]*(?:\n|$)/gm : /^\+\+\+[ \t]*(?:\n|$)/gm;
  closing.lastIndex = fence[0].length;
  const end = closing.exec(text);
  if (!end) return none;
  const fields = new Map<string, string>();
  for (const line of text.slice(fence[0].length, end.index).split("\n")) {
    const [, key, raw] = field.exec(line.trimEnd()) ?? [];
    const value = cleanLine(fieldValue(raw?.trim() ?? ""));
    if (key !== undefined && value !== "") fields.set(key, value);
  }
  const title = fields.get("title");
  fields.delete("title");
  return { title, metadata: Object.fromEntries(fields), end: end.index + end[0].length };
}
