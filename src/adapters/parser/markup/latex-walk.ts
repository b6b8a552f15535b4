import { included } from "./content.ts";
import {
  accents,
  environmentArguments,
  headingLevels,
  lastArgument,
  mathEnvironments,
  silentCommands,
  silentEnvironments,
  symbols,
  tableEnvironments,
  titledEnvironments,
  verbatimEnvironments,
} from "./latex-commands.ts";
import { argumentsAt, closing, type Find, finderIn, longestArgument } from "./latex-source.ts";

// Arguments inside arguments; what lies deeper is left as it is written.
const deepest = 20;

/** What reading a text leads to, in order. */
export interface Sink {
  text(text: string): void;
  paragraph(): void;
  heading(level: number, label: string): void;
  code(text: string): void;
  cell(): void;
  row(): void;
  table(begins: boolean): void;
}

/** Walks through a text and tells the sink what it comes to. No macro is ever run. */
export function readLatexText(source: string, sink: Sink, depth: number): void {
  if (depth > deepest) {
    sink.text(source);
    return;
  }
  const inner = (text: string): string => inlineText(text, depth + 1);
  const find = finderIn(source);
  const special = /[\\{}$~&]|\n[ \t]*\n\s*|---?|``|''/g;
  for (let at = 0; at < source.length; ) {
    special.lastIndex = at;
    const match = special.exec(source);
    if (!match) {
      sink.text(source.slice(at));
      return;
    }
    sink.text(source.slice(at, match.index));
    const [token] = match;
    at = match.index + token.length;
    if (token === "\\") at = command(source, at, sink, depth, inner, find);
    else if (token === "$") at = math(source, at, sink, find);
    else if (token === "~") sink.text(" ");
    else if (token === "&") sink.cell();
    else if (token === "---") sink.text("—");
    else if (token === "--") sink.text("–");
    else if (token === "``") sink.text("“");
    else if (token === "''") sink.text("”");
    else if (token.startsWith("\n")) sink.paragraph();
  }
}

function math(source: string, from: number, sink: Sink, find: Find): number {
  const isDisplay = source[from] === "$";
  const mark = isDisplay ? "$$" : "$";
  const start = isDisplay ? from + 1 : from;
  const end = find(mark, start);
  // A sign that stands alone is money.
  if (end === -1 || end - start > longestArgument || /\n\s*\n/.test(source.slice(start, end))) {
    sink.text(mark);
    return start;
  }
  if (isDisplay) sink.code(source.slice(start, end).trim());
  else sink.text(source.slice(start, end));
  return end + mark.length;
}

function command(
  source: string,
  from: number,
  sink: Sink,
  depth: number,
  inner: (text: string) => string,
  find: Find,
): number {
  const name = /^(?:[A-Za-z@]+|[\s\S])/.exec(source.slice(from, from + 100))?.[0] ?? "";
  const after = afterOverlay(source, from + name.length);
  if (name === "\\") {
    sink.row();
    return argumentsAt(source, after, 0).next;
  }
  if (name === "(" || name === "[") return closedMath(source, after, name, sink, find);
  const accent = accents.get(name);
  if (accent !== undefined) {
    const [whole = "", braced, plain] =
      /^[ \t]*(?:\{\\?([^{}\\]{0,10})\}|\\?([\p{L}]))/u.exec(source.slice(after, after + 20)) ?? [];
    const base = (braced ?? plain ?? "").trim();
    if (whole !== "" || accent.length === 0) {
      const [first = " ", ...rest] = base;
      sink.text((first + accent + rest.join("")).normalize("NFC"));
      return after + whole.length;
    }
  }
  if (name === "verb") return verb(source, after, sink, find);
  if (name === "begin" || name === "end") return environment(name, source, after, sink, depth);
  const symbol = symbols.get(name);
  if (symbol !== undefined) {
    sink.text(symbol);
    return source.startsWith("{}", after)
      ? after + 2
      : after +
          (/^[ \t]/.test(source.slice(after, after + 1)) &&
          /^[A-Za-z]+$/.test(name) &&
          symbol.length <= 1 &&
          /[\p{L}“‘]/u.test(symbol)
            ? 1
            : 0);
  }
  if (!/^[A-Za-z@]/.test(name)) {
    // A character that would otherwise mean something, a space of some width, or a place to hyphenate.
    if (/^[&%$#_{}]$/.test(name)) sink.text(name);
    else if (/^\s$/.test(name)) sink.text(" ");
    return after;
  }
  const level = headingLevels.get(name);
  if (level !== undefined) {
    const { values, next } = argumentsAt(source, after, 1);
    sink.heading(level, inner(values[0] ?? ""));
    return next;
  }
  if (/^(?:input|include|subfile|includeonly)$/.test(name)) {
    const { values, next } = argumentsAt(source, after, 1);
    if (values[0] !== undefined) sink.code(included(values[0]));
    return next;
  }
  const last = lastArgument.get(name);
  if (last !== undefined) {
    const { values, next } = argumentsAt(source, after, last);
    sink.text(inner(values.at(-1) ?? ""));
    return next;
  }
  const silent = silentCommands.get(name);
  if (silent !== undefined) return silent === 0 ? after : argumentsAt(source, after, silent).next;
  if (/^(?:def|gdef|edef|let)$/.test(name)) {
    const brace = find("{", after);
    const end = brace === -1 || brace - after > 200 ? -1 : closing(source, brace, "}");
    return end === -1 ? after : end + 1;
  }
  if (/^(?:foot|end|margin|side)note(?:text)?$|^marginpar$/.test(name)) {
    const { values, next } = argumentsAt(source, after, 1);
    sink.text(values[0] === undefined ? "" : ` (${inner(values[0])})`);
    return next;
  }
  if (/^(?:[a-zA-Z]?cite[a-zA-Z]*|[a-z]*cite)$/.test(name)) {
    const { values, next } = argumentsAt(source, after, 1);
    sink.text(values[0] === undefined ? "" : `[${values[0]}]`);
    return next;
  }
  if (name === "item" || name === "bibitem") {
    const { options, values, next } = argumentsAt(source, after, name === "item" ? 0 : 1);
    sink.row();
    sink.text(
      name === "item" ? `- ${options[0] === undefined ? "" : `${inner(options[0])} `}` : `[${values[0] ?? ""}] `,
    );
    return next;
  }
  if (name === "caption" || name === "captionof") {
    const { values, next } = argumentsAt(source, after, name === "caption" ? 1 : 2);
    sink.paragraph();
    sink.text(inner(values.at(-1) ?? ""));
    sink.paragraph();
    return next;
  }
  // A command of the author's own, or of a package: what it is given is text, options aside.
  const { options, next } = argumentsAt(source, after, 0);
  if (options.length > 0) return next;
  const isBeforeWord = /^[ \t]+(?=\S)/.exec(source.slice(after, after + 20));
  return after + (isBeforeWord?.[0].length ?? 0);
}

/** Where on slides something shows only on some of them (`\\only<2->{…}`), what stands behind their numbers. */
function afterOverlay(source: string, from: number): number {
  const [slides = ""] = /^<[\d+-][\d,+.|@a-z:-]{0,20}>/.exec(source.slice(from, from + 24)) ?? [];
  return from + slides.length;
}

function closedMath(source: string, from: number, open: string, sink: Sink, find: Find): number {
  const end = find(open === "(" ? "\\)" : "\\]", from);
  if (end === -1 || end - from > longestArgument) return from;
  const content = source.slice(from, end).trim();
  if (open === "(") sink.text(content);
  else sink.code(content);
  return end + 2;
}

function verb(source: string, from: number, sink: Sink, find: Find): number {
  const start = source[from] === "*" ? from + 1 : from;
  const end = find(source[start] ?? "\n", start + 1);
  const lineEnd = find("\n", start);
  if (end === -1 || (lineEnd !== -1 && end > lineEnd)) return start;
  sink.text(source.slice(start + 1, end));
  return end + 1;
}

function environment(which: "begin" | "end", source: string, from: number, sink: Sink, depth: number): number {
  const [whole, name = ""] = /^\s{0,10}\{([A-Za-z*@]{1,60})\}/.exec(source.slice(from, from + 90)) ?? [];
  if (whole === undefined) return from;
  const after = afterOverlay(source, from + whole.length);
  const isRaw = verbatimEnvironments.has(name) || mathEnvironments.has(name) || silentEnvironments.has(name);
  if (which === "begin" && isRaw) {
    const end = source.indexOf(`\\end{${name}}`, after);
    const stop = end === -1 ? source.length : end;
    const start = mathEnvironments.has(name) ? after : argumentsAt(source, after, name === "minted" ? 1 : 0).next;
    const content = source.slice(Math.min(start, stop), stop);
    if (!silentEnvironments.has(name))
      sink.code(mathEnvironments.has(name) ? content.replace(/\\label\{[^{}]{0,200}\}/g, "").trim() : content);
    return end === -1 ? source.length : end + `\\end{${name}}`.length;
  }
  sink.paragraph();
  if (tableEnvironments.has(name)) sink.table(which === "begin");
  if (which === "end") return after;
  const { options, next } = argumentsAt(source, after, environmentArguments.get(name) ?? 0);
  // The option of a theorem is its name; of a figure or a list it says where and how.
  const isNamed = !/^(?:figure|table|wrap|enumerate|itemize|description|minipage|array|tab|longtab|sub)/.test(name);
  const [option = ""] = options;
  if (isNamed && /\s|\p{Lu}/u.test(option) && !option.includes("=")) {
    sink.text(inlineText(option, depth + 1));
    sink.paragraph();
  }
  if (!titledEnvironments.has(name) || !/^[ \t]*\{/.test(source.slice(next, next + 20))) return next;
  const titled = argumentsAt(source, next, 1);
  sink.text(inlineText(titled.values[0] ?? "", depth + 1));
  sink.paragraph();
  return titled.next;
}

/** A text as one line, its structure set aside. */
export function inlineText(source: string, depth: number): string {
  const parts: string[] = [];
  const add = (text: string): void => void parts.push(text);
  const space = (): void => add(" ");
  readLatexText(
    source,
    {
      text: add,
      paragraph: space,
      heading: (_level, label) => add(label),
      code: add,
      cell: () => add(" | "),
      row: space,
      table: () => undefined,
    },
    depth,
  );
  return parts.join("").replace(/\s+/g, " ").trim();
}
