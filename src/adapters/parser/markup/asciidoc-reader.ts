import type { SandboxItem, SandboxJob } from "../sandbox-protocol.ts";
import { createTextBuilder, type TextBuilder } from "../text-builder.ts";
import { asciidocInline } from "./asciidoc-inline.ts";
import { included, type MarkupContent, markupDocument, markupMetadata, tableRow } from "./content.ts";

const atx = /^(={1,6}|#{1,6})\s+(\S.*)$/;
const attributeLine = /^:(!?[\w-]{1,60}!?):(?:\s+(.*))?$/;
const blockAttributes = /^\[(?:[^\][]|\[[^\][]{0,200}\]){0,500}\]$/;
const blockMacro = /^([a-z]\w{1,20})::([^\s[]{0,1000})\[(.*)\]$/;
const verbatim = /^(?:-{4,}|\.{4,}|`{3,}\w*)$/;
const transparent = /^(?:={4,}|\*{4,}|_{4,}|--)$/;
const tableFence = /^[|,:!]={3,}$/;
const underlines = "=-~^+";
// A reference is at least three characters long: what it stands for may not make gigabytes of a file.
const longestValue = 200;

interface State {
  readonly builder: TextBuilder;
  readonly attributes: Map<string, string>;
  readonly inline: (text: string) => string;
}

/** Where a title stands over a line of marks as long as it is, give or take two: the older form. */
function underlined(line: string, next: string): number | undefined {
  const level = underlines.indexOf(next.charAt(0));
  const isRow = /^(.)\1+$/.test(next) && level !== -1;
  const fits = Math.abs(next.length - line.length) <= 2 && line.length >= 3;
  return isRow && fits && /[\p{L}\p{N}]/u.test(line) && !/^[.|[:*-]/.test(line) ? level + 1 : undefined;
}

const cellStart = /(?<!\\)(?:(?:\d+(?:\.\d+)?|\.\d+)[+*])?(?:[<^>](?:\.[<^>])?|\.[<^>])?[adehlmsv]?\|/g;

/** The cells of a line of a table, what stands before the first bar belonging to the cell above. */
function cellsOf(line: string): { readonly before: string; readonly cells: readonly string[] } {
  const starts = [...line.matchAll(cellStart)].map(({ index, 0: mark }) => {
    const end = index + mark.length;
    // What is said of a cell stands by itself: in `|a|b` the letter is a cell.
    const isApart = index === 0 || /\s/.test(line[index - 1] ?? "");
    return { index: isApart ? index : end - 1, end };
  });
  const first = starts[0];
  if (!first) return { before: line, cells: [] };
  const cells = starts.map(({ end }, index) => line.slice(end, starts[index + 1]?.index));
  return { before: line.slice(0, first.index), cells };
}

function readTable(lines: readonly string[], columnsWanted: number, fence: string, state: State): void {
  if (!fence.startsWith("|") && !fence.startsWith("!")) {
    for (const line of lines) state.builder.block(tableRow(line.split(fence.charAt(0))), "\n");
    return;
  }
  const cells: string[] = [];
  let columns = columnsWanted;
  for (const line of lines) {
    const { before, cells: found } = cellsOf(line);
    if (before.trim() !== "" && cells.length > 0) cells.push(`${cells.pop() ?? ""} ${before}`);
    cells.push(...found);
    // Without a word about columns, the first line that holds cells has all of them.
    if (columns === 0 && found.length > 0) columns = found.length;
  }
  const width = Math.max(1, columns);
  for (let at = 0; at < cells.length; at += width) {
    state.builder.block(tableRow(cells.slice(at, at + width).map(state.inline)), "\n");
  }
}

/** `cols="1,2a,3*"` of a table. */
function columnsOf(attributes: string): number {
  const [, quoted, plain] = /\bcols=(?:"([^"]{1,300})"|([\w*]{1,20}))/.exec(attributes) ?? [];
  const specs = (quoted ?? plain ?? "")
    .split(/[,;]/)
    .filter((spec, index, all) => spec.trim() !== "" || all.length > 1 || index > 0);
  return specs.reduce(
    (sum, spec) =>
      sum +
      Math.min(
        1000,
        Number(/^\s*(\d{1,4})\*/.exec(spec)?.[1] ?? (specs.length === 1 && /^\d+$/.test(spec) ? spec : 1)),
      ),
    0,
  );
}

function readMacro(name: string, target: string, list: string, state: State): void {
  if (name === "include") state.builder.block(included(target));
  else if (name === "image" || name === "video" || name === "audio")
    state.builder.block(state.inline(`image:x[${list}]`));
  else if (/^(?:ifdef|ifndef)$/.test(name) && list !== "" && !setConditionally(list, state))
    state.builder.block(state.inline(list));
}

/** `ifndef::env-github[:icons: font]`: no condition is run, so the first value stays. @returns whether it is an attribute. */
function setConditionally(line: string, state: State): boolean {
  const [, name, value = ""] = attributeLine.exec(line) ?? [];
  if (name !== undefined && !state.attributes.has(name.toLowerCase())) setAttribute(name, value, state);
  return name !== undefined;
}

function setAttribute(name: string, value: string, { attributes }: State): void {
  if (name.includes("!")) attributes.delete(name.replace(/!/g, "").toLowerCase());
  else attributes.set(name.toLowerCase(), value.slice(0, longestValue));
}

/** The lines right below the title: authors, revision, attributes. @returns the line after them. */
function readHeader(lines: readonly string[], from: number, state: State): number {
  let at = from;
  let plainLines = 0;
  for (; at < lines.length && (lines[at] ?? "").trim() !== ""; at += 1) {
    const line = (lines[at] ?? "").trim();
    const [, name, value = ""] = attributeLine.exec(line) ?? [];
    if (name !== undefined) setAttribute(name, value, state);
    else if (line.startsWith("//") || line.startsWith("include::") || /^(?:endif|ifeval)::/.test(line)) continue;
    else if (/^ifn?def::/.test(line)) {
      const list = blockMacro.exec(line)?.[3] ?? "";
      if (list !== "" && !setConditionally(list, state)) break;
    } else {
      const isAuthor =
        plainLines === 0 && /^[\p{L}\p{M}.'_-]+(?: [\p{L}\p{M}.'_-]+){0,3}(?: <[^<>]{1,200}>)?(?:;|$)/u.test(line);
      if (isAuthor) setAttribute("author", line.replace(/\s*<[^<>]*>/g, ""), state);
      else if (/^v?\d[\w.]*(?:,|$)|^\d{4}-\d{2}-\d{2}/.test(line)) setAttribute("revision", line, state);
      else break;
      plainLines += 1;
    }
  }
  return at;
}

export function asciidocContent(source: string): MarkupContent {
  const lines = source.split("\n").map((line) => line.trimEnd());
  const builder = createTextBuilder();
  const attributes = new Map<string, string>();
  const state: State = { builder, attributes, inline: (text) => asciidocInline(text, attributes) };
  let title = "";
  let hasHeading = false;
  let blockStyle = "";
  const upTo = (from: number, fence: string): number => {
    const end = lines.indexOf(fence, from);
    return end === -1 ? lines.length : end;
  };
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const next = lines[at + 1] ?? "";
    const style = blockStyle;
    if (line === "" || line === "+") continue;
    const [, marks = "", label = ""] = atx.exec(line) ?? [];
    const level = marks.length || (style === "" && !transparent.test(line) ? (underlined(line, next) ?? 0) : 0);
    const [, attribute, value = ""] = attributeLine.exec(line) ?? [];
    const [, macro, target = "", list = ""] = blockMacro.exec(line) ?? [];
    if (/^\/{4,}$/.test(line) || /^\+{4,}$/.test(line) || verbatim.test(line)) {
      const end = upTo(at + 1, line.startsWith("`") ? line.replace(/\w/g, "") : line);
      const isMath = /^\[(?:stem|latexmath|asciimath)/.test(style);
      if (verbatim.test(line) || isMath) builder.block(lines.slice(at + 1, end).join("\n"));
      at = end;
      blockStyle = "";
    } else if (line.startsWith("//") && !line.startsWith("///")) continue;
    else if (tableFence.test(line)) {
      const end = upTo(at + 1, line);
      readTable(lines.slice(at + 1, end), columnsOf(style), line, state);
      at = end;
      blockStyle = "";
    } else if (level > 0) {
      const text = marks === "" ? line : label.replace(/\s+=+$/, "");
      builder.heading(level, state.inline(text));
      const isTitle = level === 1 && !hasHeading;
      hasHeading = true;
      if (isTitle) title = state.inline(text);
      if (marks === "") at += 1;
      if (isTitle) at = readHeader(lines, at + 1, state) - 1;
      blockStyle = "";
    } else if (attribute !== undefined) setAttribute(attribute, value, state);
    else if (transparent.test(line) || /^(?:endif|toc|ifeval)::/.test(line) || /^'{3,}$|^<{3,}$/.test(line))
      blockStyle = "";
    else if (blockAttributes.test(line)) blockStyle = line;
    else if (macro !== undefined) readMacro(macro, target, list, state);
    else {
      let end = at + 1;
      while (end < lines.length && !endsParagraph(lines[end] ?? "")) end += 1;
      const paragraph = lines.slice(at, end);
      // A line indented by a blank is code, and so is a paragraph with that style.
      const isCode = /^\s/.test(line) && !/^\s*(?:[*.-]+|\S.*::|\d+\.)\s/.test(line);
      if (isCode || /^\[(?:source|listing|literal|stem)/.test(style)) builder.block(paragraph.join("\n"));
      else builder.block(state.inline(paragraph.map(withoutMarks).join("\n")));
      at = end - 1;
      blockStyle = "";
    }
  }
  const known = ["author", "email", "revision", "revnumber", "revdate", "description", "keywords"];
  const metadata = markupMetadata(known.map((name): [string, string] => [name, attributes.get(name) ?? ""]));
  return { title, ...builder.finish(), metadata };
}

/** A block's title has a dot before it, a line that goes on in the next a plus behind it. */
function withoutMarks(line: string): string {
  return line
    .replace(/^\.(?=[^\s.])/, "")
    .replace(/\s\+$/, "")
    .replace(/^(\s*[^\s:][^:\n]{0,200}):{2,4}(?=\s|$)/, "$1:");
}

function endsParagraph(line: string): boolean {
  return (
    line === "" ||
    line === "+" ||
    line.startsWith("//") ||
    verbatim.test(line) ||
    transparent.test(line) ||
    tableFence.test(line) ||
    blockMacro.test(line) ||
    (blockAttributes.test(line) && !line.startsWith("[["))
  );
}

/** AsciiDoc. Runs in the sandbox. */
export async function readAsciidoc(job: SandboxJob): Promise<readonly SandboxItem[]> {
  return markupDocument(job, asciidocContent);
}
