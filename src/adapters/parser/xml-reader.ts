import { Parser } from "htmlparser2";
import type { Parsed } from "../../core/types.ts";
import { cleanLine, cleanText } from "./clean.ts";
import { declaredEncoding } from "./declared-encoding.ts";
import { decodeText, lostCharacters } from "./decode.ts";
import { wholeDocument } from "./document.ts";
import { readHtml } from "./html-reader.ts";
import type { SandboxJob } from "./sandbox-protocol.ts";
import { type Heading, sectionsOf } from "./sections.ts";
import { type BlockSeparator, createTextBuilder } from "./text-builder.ts";
import { checkDepth, withoutDoctype } from "./xml-decode.ts";
import * as vocabulary from "./xml-vocabulary.ts";

interface XmlHandler {
  onopentag(localName: string): void;
  ontext(data: string): void;
  onclosetag(): void;
}

/** The name without its namespace's prefix, in lower case. */
function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1).toLowerCase();
}

// Entities other than the five of XML and character numbers
// stay as they are written.
function walk(xml: string, handler: XmlHandler, name: string): void {
  let depth = 0;
  const parser = new Parser(
    {
      onopentag(element) {
        depth += 1;
        checkDepth(depth, name);
        handler.onopentag(localName(element));
      },
      ontext: handler.ontext,
      onclosetag() {
        depth -= 1;
        handler.onclosetag();
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.write(xml);
  parser.end();
}

interface Outline {
  readonly root: string;
  /** By the number of their start tag: elements that hold text beside other elements, whose children are parts of a line. */
  readonly mixed: ReadonlySet<number>;
}

function outlineOf(xml: string, fileName: string): Outline {
  const mixed = new Set<number>();
  const open: { number: number; hasText: boolean; hasChild: boolean }[] = [];
  let count = 0;
  let root = "";
  walk(
    xml,
    {
      onopentag(name) {
        if (count === 0) root = name;
        const parent = open.at(-1);
        if (parent) {
          parent.hasChild = true;
          if (parent.hasText) mixed.add(parent.number);
        }
        open.push({ number: count, hasText: false, hasChild: false });
        count += 1;
      },
      ontext(data) {
        const element = open.at(-1);
        if (!element || element.hasText || data.trim() === "") return;
        element.hasText = true;
        if (element.hasChild) mixed.add(element.number);
      },
      onclosetag() {
        open.pop();
      },
    },
    fileName,
  );
  return { root, mixed };
}

interface OpenElement {
  readonly name: string;
  /** A part of a line. */
  readonly isInline: boolean;
  readonly isMixed: boolean;
  /** It holds elements that are blocks. */
  hasBlocks: boolean;
  /** Text in it went before. */
  hasText: boolean;
  /** A title heads it. */
  isTitled: boolean;
}

interface XmlContent {
  /** Of the root element, "" without one. */
  readonly title: string;
  readonly text: string;
  readonly headings: readonly Heading[];
}

// How far up the element that a title heads is looked for, past wrappers such as `info`.
const wrappersAtMost = 8;

/**
 * The text of an XML file: a block for each element, one line where elements stand between words, the cells of a table
 * row side by side. A `title` that begins an element is its heading.
 */
function contentOf(xml: string, mixed: ReadonlySet<number>, fileName: string): XmlContent {
  const builder = createTextBuilder();
  const open: OpenElement[] = [];
  const depth = { dropped: 0, pre: 0, titled: 0 };
  let count = 0;
  let run: string[] = [];
  let separator: BlockSeparator = "\n\n";
  let row: { readonly cells: string[]; readonly depth: number } | undefined;
  let heading: { readonly level: number; readonly depth: number } | undefined;
  let rootTitle = "";

  const flush = (): void => {
    const text = run.join("");
    run = [];
    const shown = depth.pre > 0 && !row ? text : text.replace(/\s+/g, " ").trim();
    if (shown.trim() === "") return;
    if (row) {
      if (row.cells.length === 0) row.cells.push("");
      const cell = row.cells.length - 1;
      row.cells[cell] = `${row.cells[cell] ?? ""} ${shown}`.trim();
      return;
    }
    builder.block(shown, separator);
    separator = "\n";
  };
  const headedBy = (name: string): OpenElement | undefined => {
    if (!vocabulary.titleElements.has(name) || heading || row) return undefined;
    const around = open.slice(-wrappersAtMost).findLast((element) => !vocabulary.titleWrappers.has(element.name));
    return around && !around.isTitled && !around.hasText && !vocabulary.captioned.has(around.name) ? around : undefined;
  };
  const isBlock = (name: string): boolean => vocabulary.paragraphs.has(name) || vocabulary.rowElements.has(name);

  walk(
    xml,
    {
      onopentag(name) {
        const isMixed = mixed.has(count);
        count += 1;
        if (depth.dropped > 0 || vocabulary.leftOut.has(name)) {
          depth.dropped += 1;
          return;
        }
        const parent = open.at(-1);
        const isPart = parent && (parent.isInline || parent.isMixed || vocabulary.inline.has(name));
        const isInline = (isPart && !isBlock(name)) === true;
        if (!isInline) {
          flush();
          if (parent) parent.hasBlocks = true;
          if (!row && vocabulary.paragraphs.has(name)) separator = "\n\n";
          if (vocabulary.preformatted.has(name)) depth.pre += 1;
          if (vocabulary.rowElements.has(name)) row ??= { cells: [], depth: open.length };
          else if (vocabulary.cellElements.has(name)) row?.cells.push("");
        }
        const headed = isInline ? undefined : headedBy(name);
        if (headed) {
          headed.isTitled = true;
          depth.titled += 1;
          heading = { level: depth.titled, depth: open.length };
        }
        open.push({ name, isInline, isMixed, hasBlocks: false, hasText: false, isTitled: false });
      },
      ontext(data) {
        if (depth.dropped > 0) return;
        run.push(data);
        const element = open.at(-1);
        if (element && data.trim() !== "") element.hasText = true;
      },
      onclosetag() {
        if (depth.dropped > 0) {
          depth.dropped -= 1;
          return;
        }
        const element = open.pop();
        if (!element) return;
        const parent = open.at(-1);
        if (parent && element.hasText) parent.hasText = true;
        if (element.isTitled) depth.titled -= 1;
        if (element.isInline) return;
        if (heading?.depth === open.length) {
          const label = run.join("");
          run = [];
          builder.heading(heading.level, label);
          if (open[0]?.isTitled && rootTitle === "" && heading.level === 1) rootTitle = cleanLine(label);
          heading = undefined;
          separator = "\n\n";
          return;
        }
        flush();
        if (vocabulary.preformatted.has(element.name)) depth.pre -= 1;
        if (row) {
          if (row.depth !== open.length) return;
          const { cells } = row;
          row = undefined;
          if (cells.some((cell) => cell !== "")) builder.block(cells.join(" | "), separator);
          separator = "\n";
          return;
        }
        // Fields of a record are lines, records are paragraphs.
        if (vocabulary.paragraphs.has(element.name) || element.hasBlocks) separator = "\n\n";
      },
    },
    fileName,
  );
  flush();
  return { title: rootTitle, ...builder.finish() };
}

/** XML of any kind, DocBook, JATS, DITA and TEI with their headings. Runs in the sandbox. */
export async function readXml(job: SandboxJob): Promise<readonly Parsed[]> {
  const decoded = await decodeText(job.bytes, { declared: declaredEncoding(job.bytes) });
  const xml = withoutDoctype(decoded.text);
  const { root, mixed } = outlineOf(xml, job.name);
  if (root === "html") return readHtml(job);
  const content = contentOf(xml, mixed, job.name);
  // All that a file of settings says may be in its attributes: then it is read as it is written.
  const { title, text, headings } =
    content.text === "" ? { title: "", text: cleanText(decoded.text), headings: [] } : content;
  const sections = sectionsOf(text, headings);
  const document = wholeDocument(job.name, { title: title || job.fallbackTitle, text, sections });
  const lost = lostCharacters(decoded);
  return lost ? [document, lost] : [document];
}
