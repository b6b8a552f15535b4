import { IsthmusError } from "../../core/errors.ts";
import type { Metadata, Parsed, ParseFault } from "../../core/types.ts";
import { cleanLine } from "./clean.ts";
import { decodeText } from "./decode.ts";
import { wholeDocument } from "./document.ts";
import { htmlContent } from "./html-content.ts";
import { isJsonObject } from "./json-metadata.ts";
import { markdownHeadings } from "./markdown-headings.ts";
import type { SandboxJob } from "./sandbox-protocol.ts";
import { firstTitle, sectionsOf } from "./sections.ts";
import { createTextBuilder, type TextBuilder } from "./text-builder.ts";

type Json = Record<string, unknown>;

/** Of one output, UTF-16 units: a training loop prints megabytes that say nothing new. */
const longestOutput = 20_000;

/** Text as notebooks keep it: a string, or its lines. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return Array.isArray(value) ? value.filter((line) => typeof line === "string").join("") : "";
}

// Pictures inside Markdown, as base64.
const dataUri = /\(\s{0,10}<?data:[^()\s<>]{0,100};base64,[^()<>\s]*>?/g;
// Colours of a terminal, and what a progress bar wrote over.
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one.
const escapes = /\u001b\[[0-9;?]{0,20}[ -/]{0,4}[@-~]/g;

function terminalText(text: string): string {
  return text
    .replace(escapes, "")
    .split("\n")
    .map((line) => line.replace(/\r+$/, "").split("\r").at(-1) ?? "")
    .join("\n");
}

/** The readable form of what a cell displayed: text before markup, a table's markup before its picture. */
function displayed(data: Json): string {
  for (const type of ["text/markdown", "text/plain", "text/latex"]) {
    const text = textOf(data[type]);
    // An object that has nothing better to say: <Figure size 640x480 with 1 Axes>, <IPython.core.display.HTML object>.
    if (text.trim() !== "" && !(type === "text/plain" && /^<[^<>\n]{1,300}>$/.test(text.trim()))) {
      return type === "text/markdown" ? text.replace(dataUri, "(") : terminalText(text);
    }
  }
  const html = textOf(data["text/html"]);
  return html === "" ? "" : htmlContent(html, true).text;
}

function outputText(output: unknown): string {
  if (!isJsonObject(output)) return "";
  switch (output["output_type"]) {
    case "stream":
      return terminalText(textOf(output["text"]));
    case "error":
    case "pyerr":
      return [output["ename"], output["evalue"]]
        .map(textOf)
        .filter((part) => part !== "")
        .join(": ");
    default:
      // Before version 4 the types stood beside the output's own fields, without their first half.
      return displayed(
        isJsonObject(output["data"])
          ? output["data"]
          : { "text/plain": output["text"], "text/html": output["html"], "text/latex": output["latex"] },
      );
  }
}

function cellsOf(notebook: Json): Json[] {
  const sheets = Array.isArray(notebook["worksheets"]) ? notebook["worksheets"].filter(isJsonObject) : [notebook];
  return sheets.flatMap((sheet) => (Array.isArray(sheet["cells"]) ? sheet["cells"].filter(isJsonObject) : []));
}

/** @returns whether an output of the cell was cut. */
function addCell(into: TextBuilder, cell: Json): boolean {
  const source = textOf(cell["source"] ?? cell["input"]);
  if (cell["cell_type"] === "markdown") {
    into.block(source.replace(dataUri, "("), "\n\n", (text) => markdownHeadings(text, 0));
  } else if (cell["cell_type"] === "heading") into.heading(Math.trunc(Number(cell["level"])) || 1, source);
  else into.block(source);
  let wasCut = false;
  for (const output of Array.isArray(cell["outputs"]) ? cell["outputs"] : []) {
    const text = outputText(output);
    const isLong = text.length > longestOutput;
    into.block(isLong ? `${text.slice(0, longestOutput)}…` : text);
    wasCut ||= isLong;
  }
  return wasCut;
}

function cutFault(cells: readonly number[]): ParseFault {
  const listed = cells.slice(0, 10).join(", ");
  const more = cells.length > 10 ? ` and ${cells.length - 10} more` : "";
  return {
    kind: "fault",
    id: `outputs of cells ${listed}${more}`,
    code: "content_lost",
    reason: `What these cells printed is over ${longestOutput} characters and was cut there. Clear the outputs, or print less.`,
  };
}

/** The author names of the notebook's own metadata; its kernel and its tools are no part of what it says. */
function metadataOf(notebook: Json): Metadata {
  const given = isJsonObject(notebook["metadata"]) ? notebook["metadata"]["authors"] : undefined;
  const names = (Array.isArray(given) ? given : [])
    .filter(isJsonObject)
    .map((author) => cleanLine(textOf(author["name"])));
  const authors = names.filter((name) => name !== "");
  return authors.length === 0 ? {} : { authors };
}

/** Jupyter notebooks: the cells in order, code and printed output with them. Runs in the sandbox. */
export async function readNotebook(job: SandboxJob): Promise<readonly Parsed[]> {
  let notebook: unknown;
  try {
    notebook = JSON.parse((await decodeText(job.bytes)).text);
  } catch (error) {
    if (error instanceof IsthmusError) throw error;
    const message = `${job.name} is not valid JSON, which a notebook must be. Open it in Jupyter and save it again.`;
    throw new IsthmusError("parse_failed", message);
  }
  if (!isJsonObject(notebook)) throw new IsthmusError("parse_failed", `${job.name} is JSON, but no notebook.`);
  const builder = createTextBuilder();
  // Cells are numbered from 1 in messages, as a reader counts them.
  const cut = cellsOf(notebook).flatMap((cell, index) => (addCell(builder, cell) ? [index + 1] : []));
  const { text, headings } = builder.finish();
  const ownTitle = isJsonObject(notebook["metadata"]) ? cleanLine(textOf(notebook["metadata"]["title"])) : "";
  const title = ownTitle || firstTitle(headings) || job.fallbackTitle;
  const document = wholeDocument(job.name, {
    title,
    text,
    sections: sectionsOf(text, headings),
    metadata: metadataOf(notebook),
  });
  return cut.length === 0 ? [document] : [document, cutFault(cut)];
}
