import { type CsvDialect, quoteState } from "../csv-dialect.ts";
import { csvFields } from "../csv-fields.ts";
import type { SandboxItem, SandboxJob } from "../sandbox-protocol.ts";
import { createTextBuilder, type TextBuilder } from "../text-builder.ts";
import {
  dedent,
  included,
  indentedBlock,
  type MarkupContent,
  markupDocument,
  markupMetadata,
  tableRow,
} from "./content.ts";
import { rstInline } from "./rst-inline.ts";
import { gridTable, isGridBorder, isSimpleBorder, simpleTable } from "./rst-tables.ts";

const adornment = /^([!-/:-@[-`{-~])\1*\s*$/;
const explicit = /^\.\.(?:\s+|$)/;
const directive = /^\.\.\s+(?:\|([^|]{1,200})\|\s+)?([A-Za-z][\w:+.-]{0,80})::(?:\s+(.*))?$/;
const field = /^:((?:[^:\\\s]|\\.)(?:[^:\\]|\\.|:(?!\s|$)){0,100}):(?:\s+(.*))?$/;
const words = (names: string): ReadonlySet<string> => new Set(names.split(" "));

const codeDirectives = words(
  "code code-block sourcecode parsed-literal math doctest testcode testoutput prompt literal productionlist",
);
const silentDirectives = words(
  "raw toctree contents index meta highlight role default-role sectnum section-numbering currentmodule module py:module py:currentmodule".concat(
    " target-notes tabularcolumns header footer title testsetup testcleanup program default-domain",
  ),
);
const pictures = words("image figure");
/** Their argument is no text but the names of styles, or of the builders that show what is in them. */
const styledDirectives = words("container rst-class cssclass only ifconfig");
// Levels of directives inside each other; text that lies deeper is read as plain lines.
const deepest = 40;

interface RstState {
  readonly builder: TextBuilder;
  readonly substitutions: Map<string, string>;
  /** Styles of headings in the order they first occur. */
  readonly styles: string[];
  readonly fields: [string, string][];
}

function collectSubstitutions(lines: readonly string[], into: Map<string, string>): void {
  lines.forEach((line, index) => {
    const [, name, kind, value = ""] = directive.exec(line.trim()) ?? [];
    if (name === undefined) return;
    const indent = line.length - line.trimStart().length;
    const below = indentedBlock(lines, index + 1, indent).lines.map((one) => one.trim());
    const alt = below.map((one) => /^:alt:\s+(.*)$/.exec(one)?.[1]).find((one) => one !== undefined);
    const isText = kind === "replace" || kind === "unicode";
    into.set(name, isText ? [value, ...below].join(" ").trim() : (alt ?? ""));
  });
}

/** Takes the options of a directive off its block; text below them, after a blank line or not, is its content. */
function optionsOf(block: readonly string[]): { options: Map<string, string>; content: string[] } {
  const options = new Map<string, string>();
  let at = 0;
  for (; at < block.length; at += 1) {
    const [, name, value = ""] = field.exec((block[at] ?? "").trim()) ?? [];
    if (name === undefined) break;
    options.set(name, value);
  }
  return { options, content: block.slice(at) };
}

function listTable(content: readonly string[], state: RstState): void {
  let row: string[] = [];
  const finish = (): void => {
    if (row.some((cell) => cell.trim() !== "")) state.builder.block(row.map((cell) => cell.trim()).join(" | "), "\n");
    row = [];
  };
  for (const line of content) {
    const [, first, second] = /^\s*(\*\s+)?-(?:\s+(.*))?$/.exec(line) ?? [];
    if (/^\s*(?:\*\s+)?-(?:\s|$)/.test(line)) {
      if (first !== undefined) finish();
      row.push(rstInline(second ?? "", state.substitutions));
    } else if (row.length > 0) row.push(`${row.pop() ?? ""} ${rstInline(line.trim(), state.substitutions)}`);
  }
  finish();
}

/** A table of comma-separated values, its header among its options: a row a line. */
function csvTable(options: ReadonlyMap<string, string>, content: readonly string[], state: RstState): void {
  const given = options.get("delim")?.trim();
  const delimiter = given === "tab" ? "\t" : given?.length === 1 ? given : ",";
  const dialect: CsvDialect = { delimiter, quoteEscape: '"' };
  const header = options.get("header");
  const lines = [...(header === undefined ? [] : [header]), ...dedent(content)].filter((line) => line.trim() !== "");
  let record: string[] = [];
  const endRow = (cells: readonly string[]): void => {
    const row = tableRow(cells.map((cell) => rstInline(cell, state.substitutions)));
    if (row !== "") state.builder.block(row, "\n");
    record = [];
  };
  for (const line of lines) {
    const quotes = quoteState(Buffer.from(line), dialect, record.length > 0);
    record.push(line);
    if (quotes === "closed") endRow(csvFields(record.join("\n"), dialect));
    // Where quotes are in no order they are signs like any other: nothing is lost.
    else if (quotes === "invalid") endRow(record.join("\n").split(delimiter));
  }
  if (record.length > 0) endRow(record.join("\n").split(delimiter));
}

/** In Docutils `class` names a style, in Sphinx a class of Python: that is spelled like one, or has arguments. */
const isStyle = (argument: string): boolean => /^[a-z][a-z0-9 -]*$/.test(argument);

function readDirective(kind: string, argument: string, block: readonly string[], state: RstState, depth: number): void {
  const name = kind.toLowerCase();
  const { builder, substitutions } = state;
  if (silentDirectives.has(name) || (name === "include" && argument.startsWith("<"))) return;
  if (name === "include" || name === "literalinclude") {
    builder.block(included(argument));
    return;
  }
  const { options, content } = optionsOf(block);
  // What stands above or below a block of code, a list of pages or a box is shown with it.
  for (const shown of ["caption", "subtitle"]) builder.block(rstInline(options.get(shown) ?? "", substitutions));
  if (codeDirectives.has(name)) {
    // The argument of `code` is its language, that of `math` is mathematics.
    if (name === "math" && argument !== "") builder.block(argument);
    builder.block(dedent(content).join("\n"));
    return;
  }
  if (pictures.has(name)) builder.block(rstInline(options.get("alt") ?? "", substitutions));
  else if (argument !== "" && !styledDirectives.has(name) && !(name === "class" && isStyle(argument))) {
    // An argument may go on in the lines below it, as signatures of functions do.
    builder.block(rstInline(argument, substitutions));
  }
  if (name === "list-table") listTable(content, state);
  else if (name === "csv-table") csvTable(options, content, state);
  else readBlocks(dedent(content), state, depth + 1);
}

/** Where `lines[at]` begins a heading: its label, its style and the line after it. */
function headingAt(lines: readonly string[], at: number): { label: string; style: string; next: number } | undefined {
  const [line = "", second = "", third = ""] = lines.slice(at, at + 3);
  const mark = adornment.exec(line)?.[1];
  if (mark !== undefined && line.trimEnd().length >= 3 && second.trim() !== "" && third.trimEnd() === line.trimEnd()) {
    if (second.trim().length <= line.trimEnd().length && adornment.exec(second) === null) {
      return { label: second.trim(), style: `${mark}${mark}`, next: at + 3 };
    }
  }
  const under = adornment.exec(second)?.[1];
  const width = second.trimEnd().length;
  // Wide characters count two columns; a line of marks that is much shorter than the text is none.
  if (under === undefined || line.trim() === "" || /^\s/.test(line) || adornment.test(line) || explicit.test(line))
    return undefined;
  return width >= 3 && width * 2 >= line.trimEnd().length
    ? { label: line.trim(), style: under, next: at + 2 }
    : undefined;
}

function readExplicit(lines: readonly string[], at: number, indent: number, state: RstState, depth: number): number {
  const line = (lines[at] ?? "").trim();
  const { lines: block, next } = indentedBlock(lines, at + 1, indent);
  const [, substitution, kind, argument = ""] = directive.exec(line) ?? [];
  if (kind !== undefined && substitution === undefined) readDirective(kind, argument.trim(), block, state, depth);
  else if (kind === undefined) {
    // A footnote or a citation; a target or a comment holds no text.
    const [, label, note = ""] = /^\.\.\s+(\[[^\]]{1,100}\])(?:\s+(.*))?$/.exec(line) ?? [];
    if (label !== undefined) {
      const rest = block.map((one) => one.trim()).join(" ");
      state.builder.block(rstInline(`${label} ${note} ${rest}`.trim(), state.substitutions));
    }
  }
  return next;
}

function readParagraph(lines: readonly string[], at: number, state: RstState): number {
  let end = at;
  while (
    end < lines.length &&
    (lines[end] ?? "").trim() !== "" &&
    (end === at || !explicit.test((lines[end] ?? "").trim()))
  ) {
    if (end > at && headingAt(lines, end)) break;
    end += 1;
  }
  const text = lines.slice(at, end).map((line) => line.trimEnd());
  const last = text.at(-1) ?? "";
  const isLiteralNext = last.endsWith("::");
  if (isLiteralNext)
    text[text.length - 1] = last === "::" || last.endsWith(" ::") ? last.slice(0, -2).trimEnd() : last.slice(0, -1);
  const inline = rstInline(text.map((line) => line.replace(/^(\s*)\|\s/, "$1").trim()).join("\n"), state.substitutions);
  const shown = inline.split("\n").map((line) => {
    const [, name, value] = field.exec(line) ?? [];
    return name === undefined ? line : `${name}: ${value ?? ""}`.trim();
  });
  // A list's items stay lines of one block, whether blank lines part them or not.
  state.builder.block(shown.join("\n"));
  if (!isLiteralNext) return end;
  const indent = (lines[at] ?? "").length - (lines[at] ?? "").trimStart().length;
  const literal = indentedBlock(lines, end, indent);
  state.builder.block(dedent(literal.lines).join("\n"));
  return literal.next;
}

function readBlocks(lines: readonly string[], state: RstState, depth: number): void {
  if (depth > deepest) {
    state.builder.block(lines.join("\n"));
    return;
  }
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? "";
    const trimmed = line.trim();
    const indent = line.length - line.trimStart().length;
    const heading = depth === 0 && indent <= 1 ? headingAt(lines, at) : undefined;
    if (trimmed === "") at += 1;
    else if (explicit.test(trimmed)) at = readExplicit(lines, at, indent, state, depth);
    else if (/^__\s/.test(trimmed)) at += 1;
    else if (isGridBorder(trimmed))
      at = gridTable(lines, at, (row) => state.builder.block(rstInline(row, state.substitutions), "\n"));
    else if (isSimpleBorder(trimmed))
      at = simpleTable(lines, at, (row) => state.builder.block(rstInline(row, state.substitutions), "\n"));
    else if (heading) {
      if (!state.styles.includes(heading.style)) state.styles.push(heading.style);
      state.builder.heading(state.styles.indexOf(heading.style) + 1, rstInline(heading.label, state.substitutions));
      at = heading.next;
    } else if (adornment.test(trimmed) && trimmed.length >= 4) at += 1;
    else at = readParagraph(lines, at, state);
  }
}

/** The fields right below the title: who wrote it, when. */
function documentFields(lines: readonly string[]): [string, string][] {
  const start = lines.findIndex((line) => line.trim() !== "" && !adornment.test(line) && !explicit.test(line));
  const found: [string, string][] = [];
  for (const line of lines.slice(Math.max(0, start), start + 40)) {
    const [, name, value = ""] = field.exec(line) ?? [];
    if (name !== undefined) found.push([name, value]);
    else if (found.length > 0 && line.trim() === "") break;
  }
  return found;
}

export function rstContent(source: string): MarkupContent {
  const lines = source.replace(/\t/g, "        ").split("\n");
  const state: RstState = { builder: createTextBuilder(), substitutions: new Map(), styles: [], fields: [] };
  collectSubstitutions(lines, state.substitutions);
  readBlocks(lines, state, 0);
  const known = documentFields(lines).filter(([name]) =>
    /^(?:authors?|date|version|organization|copyright|status)$/i.test(name),
  );
  return { title: "", ...state.builder.finish(), metadata: markupMetadata(known) };
}

/** reStructuredText. Runs in the sandbox. */
export async function readRst(job: SandboxJob): Promise<readonly SandboxItem[]> {
  return markupDocument(job, rstContent);
}
