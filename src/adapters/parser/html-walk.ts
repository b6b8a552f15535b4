import { Parser } from "htmlparser2";
import { cleanLine } from "./clean.ts";
import { mathAround } from "./html-math.ts";
import { type Box, createPieceCollector, type Piece } from "./html-pieces.ts";
import {
  boxElements,
  headingLevel,
  isBoilerplate,
  isNotText,
  lineElements,
  meantElement,
  paragraphElements,
  type Region,
  regionOf,
  standsApart,
} from "./html-rules.ts";
import { createTableGrid, type TableGrid } from "./html-table.ts";

export interface HtmlPage {
  /** Of the `title` element, "" without one. */
  readonly title: string;
  readonly pieces: readonly Piece[];
  /** All boxes, by their number. */
  readonly boxes: readonly Box[];
  /** Whether scripts, and whether frames are in it. */
  readonly scripts: boolean;
  readonly frames: boolean;
  /** An element that takes in all that follows as its raw content, since it never ends. */
  readonly unclosed: string | undefined;
}

const isXhtml = (html: string): boolean =>
  /^\s*<\?xml\s|^[\s\S]{0,500}?<!doctype[^>]{0,300}xhtml|^[\s\S]{0,1000}?<html[^>]{0,1000}\sxmlns\s*=/i.test(
    html.slice(0, 2500),
  );

// Their content is raw text up to their end tag.
const rawElements = new Set("script style title textarea iframe xmp".split(" "));
const isContent = (element: string): boolean => element === "main" || element === "article" || element === "section";
const noMath = { before: "", after: "" };
// What scripts make of other elements.
const marked = /^(?:checkbox|radio|switch)$/i;
// What is shown beside a heading so that one can link to it.
const linkMark = /^(?:[#¶§]|\u{1f517}\ufe0f?)$/u;
// Of the input elements, those whose value a reader sees as text.
const shownInputs = new Set(["", "text", "search", "email", "number", "tel", "url", "date", "time"]);

/**
 * The names of the open elements as htmlparser2 keeps them, innermost first. Its array moves all of them for each one that
 * opens, and is searched through for each end tag without a beginning: half a megabyte of nested elements took 8 s.
 */
class OpenElements {
  private readonly names: string[] = [];
  private readonly counts = new Map<string, number>();

  get length(): number {
    return this.names.length;
  }
  get 0(): string | undefined {
    return this.names.at(-1);
  }
  unshift(name: string): void {
    this.names.push(name);
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }
  shift(): string | undefined {
    const name = this.names.pop();
    if (name !== undefined) this.counts.set(name, (this.counts.get(name) ?? 0) - 1);
    return name;
  }
  includes(name: string): boolean {
    return (this.counts.get(name) ?? 0) > 0;
  }
  indexOf(name: string): number {
    return this.includes(name) ? this.names.length - 1 - this.names.lastIndexOf(name) : -1;
  }
}

interface Frame {
  readonly element: string;
  /** So many elements began in it. */
  parts: number;
  /** Of an equation: what stands after the element. */
  readonly after: string;
  readonly region: Region | undefined;
  readonly apart: boolean;
  readonly isBox: boolean;
  /** Footers and asides in it belong to the content. */
  readonly holdsContent: boolean;
  /** Pieces before the cell that the element is. */
  readonly cellFrom: number;
}

/**
 * Reads a page in one pass of events, so that no depth of nesting can exhaust the stack.
 *
 * @param keepAll keeps navigation, banners and hidden parts: for HTML that is known to hold content alone.
 */
export function walkHtml(html: string, keepAll: boolean): HtmlPage {
  const collector = createPieceCollector();
  const depth = { dropped: 0, pre: 0, content: 0, heading: 0, math: 0 };
  const openRegions = new Map<Region, number>();
  const titleParts: string[] = [];
  let titleState: "none" | "open" | "done" = "none";
  // What each open element added, so that its end takes away what its start gave.
  const frames: Frame[] = [];
  const boxes: Box[] = [{ parent: 0 }];
  const openBoxes = [0];
  const grids: TableGrid[] = [];
  const rows: { cells: number }[] = [];
  let superscript = false;
  let readings: string[] | undefined;
  let inReading = false;
  const unfolds = new Set<string>();
  let raw: string | undefined;
  let scripts = false;
  let frameSeen = false;

  const setContext = (): void => {
    collector.context(depth.heading, new Set(openRegions.keys()));
  };
  const count = (region: Region, by: 1 | -1): void => {
    const now = (openRegions.get(region) ?? 0) + by;
    if (now > 0) openRegions.set(region, now);
    else openRegions.delete(region);
  };
  const breakAround = (element: string): void => {
    // Inside a table row a paragraph is a line at most, so that the row stays together.
    if (element === "tr") collector.separate("row");
    else if (lineElements.has(element)) collector.separate("line");
    else if (paragraphElements.has(element)) {
      collector.separate(rows.length > 0 && headingLevel(element) === 0 ? "line" : "paragraph");
    }
  };
  const beginCell = (attributes: Readonly<Record<string, string>>): void => {
    const row = rows.at(-1);
    if (!row) return;
    for (const above of grids.at(-1)?.open(attributes) ?? []) {
      if (row.cells > 0) collector.cell();
      row.cells += 1;
      collector.text(above, false);
    }
    if (row.cells > 0) collector.cell();
    row.cells += 1;
  };
  const endCell = (from: number): void => {
    const row = rows.at(-1);
    const more = grids.at(-1)?.close(collector.since(from)) ?? 0;
    for (let at = 0; row && at < more; at += 1) collector.cell();
  };
  const endRow = (): void => {
    const row = rows.pop();
    for (const above of grids.at(-1)?.rest() ?? []) {
      if (row === undefined || row.cells === 0) continue;
      collector.cell();
      collector.text(above, false);
    }
    collector.row();
  };
  const openBox = (): void => {
    openBoxes.push(boxes.length);
    boxes.push({ parent: openBoxes.at(-2) ?? 0 });
    collector.box(boxes.length - 1);
  };
  const closeBox = (): void => {
    openBoxes.pop();
    collector.box(openBoxes.at(-1) ?? 0);
  };
  const apartText = (text: string): void => {
    collector.separate("space");
    collector.text(text, false);
    collector.separate("space");
  };
  /** 10 to the 6th is no 106, and a note's number is no part of the word before it; 1st and m2 are one word. */
  const beforeSuperscript = (data: string): void => {
    superscript = false;
    const first = data.trimStart().charAt(0);
    if (first === "" || !/[\p{N}\-−+(]/u.test(first)) return;
    const last = collector.lastCharacter();
    if (/[\p{L}\p{N})]/u.test(last)) collector.text("^", true);
    else if (last !== "") collector.separate("space");
  };
  const control = (attributes: Readonly<Record<string, string>>): void => {
    const type = attributes["type"]?.toLowerCase() ?? "";
    if (type === "checkbox" || type === "radio") apartText("checked" in attributes ? "[x]" : "[ ]");
    else if (shownInputs.has(type) && attributes["value"]) apartText(attributes["value"]);
  };

  const parser = new Parser(
    {
      onopentag(name, attributes) {
        const element = meantElement(name, attributes);
        if (rawElements.has(element)) raw = element;
        if (element === "script") scripts = true;
        if (element === "iframe" || element === "frame") frameSeen = true;
        if (element === "title" && titleState === "none" && depth.dropped === 0) titleState = "open";
        if (depth.dropped > 0 || element === "head" || element === "title") {
          if (depth.dropped > 0) depth.dropped += 1;
          return;
        }
        const hidden = !keepAll && isBoilerplate(element, attributes, depth.content > 0, unfolds);
        if (isNotText(element, attributes) || hidden) {
          depth.dropped = 1;
          breakAround(element);
          return;
        }
        const region = keepAll
          ? element === "noscript"
            ? "noscript"
            : undefined
          : regionOf(element, attributes, { content: depth.content > 0, form: openRegions.has("form") });
        const apart = standsApart(element, attributes);
        if (region) count(region, 1);
        // What the page marks as its main part stays, whatever the boxes around it are called.
        if (region === "main") for (const around of ["chrome", "overlay"] as const) openRegions.delete(around);
        const holdsContent = isContent(element) || region === "main";
        if (holdsContent) depth.content += 1;
        if (element === "pre" || element === "xmp" || element === "textarea") depth.pre += 1;
        breakAround(element);
        if (element === "table") grids.push(createTableGrid());
        if (element === "tr") {
          rows.push({ cells: 0 });
          grids.at(-1)?.row();
        }
        const isCell = element === "td" || element === "th";
        if (isCell) beginCell(attributes);
        const isBox = boxElements.has(element);
        if (isBox) openBox();
        const panel = attributes["aria-controls"];
        if (panel !== undefined && (depth.heading > 0 || frames.at(-1)?.element === "dt")) unfolds.add(panel);
        const parent = frames.at(-1);
        if (element === "math") depth.math += 1;
        const { before, after } = depth.math > 0 ? mathAround(element, parent?.element, parent?.parts ?? 0) : noMath;
        if (before !== "") collector.text(before, true);
        if (parent) parent.parts += 1;
        frames.push({
          element,
          parts: 0,
          after,
          region,
          apart,
          isBox,
          holdsContent,
          cellFrom: isCell ? collector.count() : -1,
        });
        const level = headingLevel(element);
        if (level > 0) depth.heading = level;
        if (region || level > 0) setContext();
        if (element === "sup") superscript = true;
        if (element === "ruby") readings = [];
        if (element === "rt" && readings) inReading = true;
        if (element === "img" && attributes["alt"]?.trim()) apartText(attributes["alt"]);
        if (element === "input") control(attributes);
        if (marked.test(attributes["role"] ?? "") && attributes["aria-checked"] !== undefined) {
          apartText(attributes["aria-checked"] === "true" ? "[x]" : "[ ]");
        }
      },
      ontext(data) {
        if (titleState === "open") titleParts.push(data);
        else if (depth.dropped > 0) return;
        else if (inReading) readings?.push(data);
        // White space between and in the elements of an equation is only how it is written, but for words.
        else if (depth.math > 0 && frames.at(-1)?.element !== "mtext") collector.text(data.trim(), true);
        else if (depth.heading > 0 && openRegions.has("link") && linkMark.test(data.trim())) return;
        else {
          if (superscript) beforeSuperscript(data);
          collector.text(data, depth.pre > 0);
        }
      },
      onclosetag(name, isImplied) {
        let element = name;
        if (raw === element && !isImplied) raw = undefined;
        if (element === "title" && titleState === "open") titleState = "done";
        if (depth.dropped > 0) {
          depth.dropped -= 1;
          return;
        }
        if (element === "head" || element === "title") return;
        const frame = frames.pop();
        element = frame?.element ?? element;
        if (frame && frame.after !== "") collector.text(frame.after, true);
        if (element === "math") depth.math -= 1;
        if (frame && frame.cellFrom >= 0) endCell(frame.cellFrom);
        if (frame?.region) count(frame.region, -1);
        if (frame?.holdsContent) depth.content -= 1;
        if (element === "pre" || element === "xmp" || element === "textarea") depth.pre -= 1;
        if (element === "tr") endRow();
        else if (element === "table") grids.pop();
        if (element === "sup") superscript = false;
        if (element === "rt") inReading = false;
        if (element === "ruby" && readings) {
          const reading = readings.join("").replace(/\s+/g, "");
          readings = undefined;
          inReading = false;
          if (reading !== "") collector.text(`(${reading})`, true);
        }
        breakAround(element);
        if (frame?.isBox) closeBox();
        if (frame?.apart) collector.separate("space");
        if (headingLevel(element) > 0) depth.heading = 0;
        if (frame?.region || headingLevel(element) > 0) setContext();
      },
    },
    { recognizeSelfClosing: isXhtml(html), recognizeCDATA: isXhtml(html) },
  );
  // Private to it; a test holds that pages stay linear, whatever a new version does.
  const internals = parser as unknown as { stack: OpenElements | string[] };
  internals.stack = new OpenElements();
  parser.write(html);
  const unclosed = raw;
  internals.stack = [];
  parser.end();
  const title = cleanLine(titleParts.join(""));
  return { title, pieces: collector.finish(), boxes, scripts, frames: frameSeen, unclosed };
}
