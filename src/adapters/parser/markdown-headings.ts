import type { Heading } from "./sections.ts";

const atx = /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/;
const underline = /^ {0,3}(=+|-+)[ \t]*$/;
const fenceLine = /^ {0,3}(`{3,}|~{3,})(.*)$/;
const rule = /^ {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$/;
// What begins these lines is no paragraph, so a line of dashes below them is a rule and not an underline.
const notParagraph = /^(?: {0,3}(?:>|[-*+](?:[ \t]|$)|\d{1,9}[.)](?:[ \t]|$)|\|)| {4}|\t)/;
const indented = /^(?: {4}|\t)/;

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: " ", "#39": "'" };

const inlineElement = /<\/?(?:a|abbr|b|br|code|em|font|i|img|kbd|small|span|strong|sub|sup|u)(?:\s[^<>]{0,500})?\/?>/gi;

/** A heading as a reader sees it: without emphasis, code marks, link targets, attributes and closing number signs. */
export function headingLabel(markdown: string): string {
  // Too long to count as a heading; and the patterns below are for short lines only.
  if (markdown.length > 1000) return markdown;
  // Most labels are words alone.
  if (!/[[*_`<&\\~{#]/.test(markdown)) return markdown.replace(/\s+/g, " ").trim();
  const code: string[] = [];
  const withoutCode = markdown.replace(/(`+)(?!`)([^`]{1,300})\1(?!`)/g, (_, _marks, inside: string) => {
    code.push(inside.trim());
    return "\0";
  });
  return withoutCode
    .replace(/[ \t]*\{:?[ \t]*[#.][^{}]{0,200}\}[ \t]*$/, "")
    .replace(/(?:^|[ \t]+)#+[ \t]*$/, "")
    .replace(/!?\[([^\][]{0,300})\](?:\((?:[^()]|\([^()]{0,300}\)){0,1000}\)|\[[^\][]{0,300}\])/g, "$1")
    .replace(inlineElement, "")
    .replace(/(\*\*|__|~~)(?=\S)(.{0,300}?\S)\1/g, "$2")
    .replace(/(?<![\p{L}\p{N}\\*_])([*_])(?=[^\s*_])([^*_]{0,300}[^\s*_\\])\1(?![\p{L}\p{N}*_])/gu, "$2")
    .replace(/(?<![\p{L}\p{N}\\*_])([*_])(?=[^\s*_\\])([^*_\s])\1(?![\p{L}\p{N}*_])/gu, "$2")
    .replace(/\\([!-/:-@[-`{-~])/g, "$1")
    .replace(/&(amp|lt|gt|quot|nbsp|#39);/g, (_, name: string) => entities[name] ?? "")
    .replaceAll("\0", () => code.shift() ?? "")
    .replace(/\s+/g, " ")
    .trim();
}

// A heading as READMEs have it to put it in the middle of the page.
const element = /[ ]{0,3}<h([1-6])(?:\s[^<>]{0,300})?>([\s\S]{0,1000}?)<\/h\1\s*>/iy;

/** The heading that is an element of HTML at the beginning of a line, undefined for none. */
function elementHeading(text: string, start: number): Heading | undefined {
  element.lastIndex = start;
  const [whole, level = "1", inside = ""] = element.exec(text) ?? [];
  if (whole === undefined || inside.includes("\n\n")) return undefined;
  const label = headingLabel(inside.replace(/<[^<>]{0,500}>/g, " ").trim());
  return label === "" ? undefined : { level: Number(level), label, start, end: start + whole.length };
}

interface OpenBlock {
  readonly kind: "fence" | "comment" | "raw";
  readonly closes: (line: string) => boolean;
  /** Whether a line is no longer part of the list item or quotation that the block is in. */
  readonly leaves: (line: string) => boolean;
}

// A fence may open on the line of a list item or of a quotation.
const container = /^(?: {0,3}(?:>[ \t]?|(?:[-*+]|\d{1,9}[.)])[ \t]{1,4}))*/;
const rawStart = /^ {0,3}<(pre|script|style|textarea)(?=[\s>]|$)/i;
const rawEnd = /<\/(?:pre|script|style|textarea)>/i;
const never = (): boolean => false;

function openedFence(line: string): OpenBlock | undefined {
  if (!line.includes("```") && !line.includes("~~~")) return undefined;
  const [prefix = ""] = container.exec(line) ?? [];
  const [, marks = "", info = ""] = fenceLine.exec(line.slice(prefix.length)) ?? [];
  // An info string with a backtick is inline code, not a fence.
  if (marks === "" || (marks.startsWith("`") && info.includes("`"))) return undefined;
  const isQuote = prefix.trimStart().startsWith(">");
  return {
    kind: "fence",
    closes: (candidate) => {
      const inside = prefix === "" ? candidate : candidate.replace(/^[ \t>]*/, "");
      const [, end = "", after = ""] = fenceLine.exec(inside) ?? [];
      return end.startsWith(marks) && after.trim() === "";
    },
    leaves: (candidate) => {
      if (prefix === "") return false;
      if (isQuote) return !/^ {0,3}>/.test(candidate);
      const indent = /^[ \t]*/.exec(candidate)?.[0].replaceAll("\t", "    ").length ?? 0;
      return candidate.trim() !== "" && indent < prefix.length;
    },
  };
}

function openedBlock(line: string): OpenBlock | undefined {
  const fence = openedFence(line);
  if (fence) return fence;
  if (!line.includes("<")) return undefined;
  if (rawStart.test(line) && !rawEnd.test(line)) {
    return { kind: "raw", closes: (candidate) => rawEnd.test(candidate), leaves: never };
  }
  const isComment = /^ {0,3}<!--/.test(line) && !line.includes("-->");
  return isComment ? { kind: "comment", closes: (candidate) => candidate.includes("-->"), leaves: never } : undefined;
}

/** The ATX and setext headings of a Markdown text from `from` on; those in fenced code, raw HTML and comments are none. */
export function markdownHeadings(text: string, from: number): Heading[] {
  const headings: Heading[] = [];
  let block: OpenBlock | undefined;
  let paragraphStart = -1;
  // Lines right below a list item or a quotation go on with it.
  let mayBegin = true;
  for (let start = from; start < text.length; ) {
    const lineEnd = text.indexOf("\n", start);
    const end = lineEnd === -1 ? text.length : lineEnd;
    const line = text.slice(start, end);
    const lineStart = start;
    start = end + 1;
    if (block?.leaves(line)) block = undefined;
    if (block) {
      if (block.closes(line)) block = undefined;
      continue;
    }
    const made = line.includes("<h") || line.includes("<H") ? elementHeading(text, lineStart) : undefined;
    if (made) {
      headings.push(made);
      start = made.end;
      paragraphStart = -1;
      mayBegin = true;
      continue;
    }
    block = openedBlock(line);
    const heading = block ? null : atx.exec(line);
    const under = paragraphStart === -1 ? null : underline.exec(line);
    if (heading) {
      const label = headingLabel(heading[2] ?? "");
      headings.push({ level: heading[1]?.length ?? 1, label, start: lineStart, end });
    } else if (under) {
      const label = headingLabel(text.slice(paragraphStart, lineStart));
      headings.push({ level: under[1]?.startsWith("=") ? 1 : 2, label, start: paragraphStart, end });
    }
    if (block || heading || under || line.trim() === "" || rule.test(line)) {
      paragraphStart = -1;
      mayBegin = true;
    } else if (notParagraph.test(line)) {
      // A paragraph may begin right below code, if that is what the indent makes.
      mayBegin = mayBegin && paragraphStart === -1 && indented.test(line);
      paragraphStart = -1;
    } else if (paragraphStart === -1 && mayBegin) paragraphStart = lineStart;
  }
  return headings;
}
