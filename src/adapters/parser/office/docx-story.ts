import { type Block, rowText } from "./blocks.ts";
import { createFieldState, isProperties } from "./docx-fields.ts";
import type { Numbering } from "./docx-numbering.ts";
import { inFont, signs, symbol } from "./docx-signs.ts";
import { isOn, type Styles } from "./docx-styles.ts";
import { alternativeText, drawnIds } from "./drawing.ts";
import { mathText } from "./math.ts";
import { alternative, childOf, childrenOf, descendants, elementsOf, textOf, type XmlElement } from "./xml.ts";

/** What a story (the body, a header, a note) refers to in other parts. */
export interface StoryParts {
  readonly styles: Styles;
  /** Absent for a story whose paragraphs are not counted with those of the body. */
  readonly numbering?: Numbering;
  /** Charts, diagrams and embedded documents by the id of their relationship. */
  readonly embedded: ReadonlyMap<string, readonly Block[]>;
  /** Told of each embedded document that is not among them. */
  readonly missing?: (id: string) => void;
  /** Fields are taken for plain text: one of them never ends, and would swallow the rest. */
  readonly ignoresFields?: boolean;
  /** A note as a paragraph, numbered in the order in which notes are asked for; undefined for one that is not there. */
  readonly note: (
    kind: NoteKind,
    id: string,
    hasOwnMark: boolean,
  ) => { readonly mark: string; readonly text: string } | undefined;
}

export type NoteKind = "footnote" | "endnote" | "comment";

/** The reading of one paragraph: its line, and what stands below it (text boxes, notes). */
interface Line {
  readonly properties: XmlElement | undefined;
  readonly parts: string[];
  readonly below: Block[];
}

const value = (element: XmlElement | undefined): string => element?.attributes["w:val"] ?? "";

// What was deleted, or stands elsewhere by now; instructions of fields; what is measured and not read.
const unseen = new Set([
  "w:del",
  "w:moveFrom",
  "w:delText",
  "w:delInstrText",
  "w:instrText",
  "w:annotationRef",
  "mc:Fallback",
]);

/**
 * Reads the story in an element: paragraphs with their headings, tables a row a line, notes and text boxes below the
 * paragraph that refers to them. What is hidden, deleted or moved away is left out; elements that are not known are
 * looked through, so that text in a new kind of wrapper is not lost.
 */
export function readStory(story: XmlElement | undefined, parts: StoryParts): Block[] {
  const { add, found } = openStory(parts);
  for (const child of elementsOf(story)) add(child);
  return found;
}

interface OpenStory {
  add(child: XmlElement): void;
  readonly found: Block[];
  /** Whether it ended within the instructions of a field, which swallow what follows. */
  isCut(): boolean;
}

/** The same for a story whose elements come one by one, so that none need be kept: `found` grows with each. */
export function openStory(parts: StoryParts): OpenStory {
  const fields = createFieldState();

  function drawing(element: XmlElement, line: Line): void {
    const seen = new Set<string>();
    if (descendants(element, "wp:docPr").some(({ attributes }) => /^(?:1|true)$/.test(attributes["hidden"] ?? "")))
      return;
    for (const properties of descendants(element, "wp:docPr", "v:shape", "v:rect", "v:roundrect")) {
      const { alt = "" } = properties.attributes;
      seen.add(
        properties.name === "wp:docPr"
          ? alternativeText(properties)
          : alternativeText({ ...properties, attributes: { descr: alt } }),
      );
      for (const path of descendants(properties, "v:textpath")) seen.add(path.attributes["string"] ?? "");
    }
    line.below.push(...[...seen].map((text) => ({ text })));
    for (const box of descendants(element, "w:txbxContent")) line.below.push(...blocks(box));
    for (const id of drawnIds(element)) line.below.push(...(parts.embedded.get(id) ?? []));
  }

  function note(kind: NoteKind, element: XmlElement, line: Line): void {
    const { "w:id": id = "", "w:customMarkFollows": custom = "0" } = element.attributes;
    const found = parts.note(kind, id, /^(?:1|on|true)$/.test(custom));
    if (!found) return;
    line.parts.push(found.mark);
    line.below.push({ text: found.text });
  }

  function ruby(element: XmlElement, line: Line): void {
    const read = (name: string): string => {
      const inside: Line = { ...line, parts: [] };
      inline(childOf(element, name), inside, undefined);
      return inside.parts.join("");
    };
    const reading = read("w:rt");
    line.parts.push(read("w:rubyBase"), reading && `(${reading})`);
  }

  /** What an element inside a paragraph or a run shows; `run` holds the properties of the run that it is in. */
  function one(element: XmlElement, line: Line, run: XmlElement | undefined): void {
    const { name } = element;
    if (unseen.has(name) || isProperties(element)) return;
    if (name === "w:fldChar") {
      if (!parts.ignoresFields) line.parts.push(fields.mark(element));
      return;
    }
    const isShown = fields.isShown() && !(run && parts.styles.isHidden(run, line.properties));
    if (name === "w:r") inline(element, line, childOf(element, "w:rPr") ?? noProperties);
    else if (name === "mc:AlternateContent")
      for (const child of elementsOf({ ...element, children: alternative(element) })) one(child, line, run);
    else if (name === "w:p") {
      // A paragraph where only runs may stand (in a content control of some programs).
      line.below.push(...paragraph(element));
    } else if (name === "w:tbl") line.below.push(...table(element));
    else if (!isShown && (name === "w:t" || name === "w:sym" || name === "w:drawing" || name === "w:pict")) return;
    else if (name === "w:t") line.parts.push(inFont(textOf(element), run));
    else if (Object.hasOwn(signs, name)) line.parts.push(isShown ? (signs[name] as string) : "");
    else if (name === "w:sym") line.parts.push(symbol(element));
    else if (name === "m:oMath" || name === "m:oMathPara") line.parts.push(mathText(element));
    else if (name === "w:ruby") ruby(element, line);
    else if (name === "w:drawing" || name === "w:pict" || name === "w:object") drawing(element, line);
    else if (name === "w:footnoteReference") note("footnote", element, line);
    else if (name === "w:endnoteReference") note("endnote", element, line);
    else if (name === "w:commentReference") note("comment", element, line);
    else inline(element, line, run);
  }

  function inline(element: XmlElement | undefined, line: Line, run: XmlElement | undefined): void {
    for (const child of elementsOf(element)) one(child, line, run);
  }

  function paragraph(element: XmlElement): Block[] {
    const properties = childOf(element, "w:pPr");
    const line: Line = { properties, parts: [], below: [] };
    inline(element, line, undefined);
    const own = line.parts.join("");
    const place = parts.styles.listPlace(properties);
    const number = place && parts.numbering && !isGone(properties, own) ? parts.numbering.next(place) : "";
    const text = number === "" || own.trim() === "" ? own : `${number} ${own}`;
    const level = parts.styles.headingLevel(properties);
    if (level > 0 && own.trim() !== "") return [{ text: text.replace(/\s+/g, " ").trim(), level }, ...line.below];
    return [place || childOf(properties, "w:numPr") ? { text, group: "list" } : { text }, ...line.below];
  }

  /** A paragraph that was deleted or hidden, its end too: Word does not count it. */
  function isGone(properties: XmlElement | undefined, text: string): boolean {
    const mark = childOf(properties, "w:rPr");
    const isDeleted = (childOf(mark, "w:del") ?? childOf(mark, "w:moveFrom")) !== undefined;
    return text.trim() === "" && (isDeleted || parts.styles.isHidden(mark, properties));
  }

  function cellSpan(cell: XmlElement): number {
    const span = Number(value(childOf(childOf(cell, "w:tcPr"), "w:gridSpan")) || "1");
    // Word has 63 columns.
    return span >= 1 && span <= 63 ? span : 1;
  }

  function tableRow(row: XmlElement): { cells: Block[][]; spans: number[] } {
    const cells = rowCells(row);
    return { cells: cells.map(blocks), spans: cells.map(cellSpan) };
  }

  function table(element: XmlElement): Block[] {
    return tableRows(element).flatMap((row): Block[] => {
      const { cells, spans } = tableRow(row);
      const [only = []] = cells;
      // A frame around text, not a table; and rows that lay out chapters.
      if (cells.length === 1) return only;
      if (cells.some((cell) => cell.some(({ level }) => level !== undefined))) return cells.flat();
      // A cell over several columns leaves the places of the others empty.
      const before = Number(value(childOf(childOf(row, "w:trPr"), "w:gridBefore")) || "0");
      const texts = cells.flatMap((cell, index) => [
        cell.map(({ text }) => text).join("\n"),
        ...Array.from({ length: (spans[index] ?? 1) - 1 }, () => ""),
      ]);
      const skipped = Array.from({ length: before >= 1 && before <= 63 ? before : 0 }, () => "");
      return [{ text: rowText([...skipped, ...texts]), group: "table" }];
    });
  }

  function blocks(element: XmlElement | undefined): Block[] {
    const { add, found } = sequence();
    for (const child of elementsOf(element)) add(child);
    return found;
  }

  function sequence(): { add(child: XmlElement): void; readonly found: Block[] } {
    const found: Block[] = [];
    let isJoined = false;
    const add = (child: XmlElement): void => {
      const { name } = child;
      if (unseen.has(name) || isProperties(child)) return;
      if (name === "w:p") {
        const [first, ...rest] = paragraph(child);
        const last = found.at(-1);
        // The end of the paragraph before was deleted: two have become one.
        if (isJoined && last && first && first.level === undefined)
          found.splice(-1, 1, { ...last, text: last.text + first.text }, ...rest);
        else found.push(...(first ? [first, ...rest] : rest));
        const mark = childOf(childOf(child, "w:pPr"), "w:rPr");
        isJoined = (childOf(mark, "w:del") ?? childOf(mark, "w:moveFrom")) !== undefined && rest.length === 0;
      } else if (name === "w:tbl") found.push(...table(child));
      else if (name === "w:altChunk") {
        const id = child.attributes["r:id"] ?? "";
        const embedded = parts.embedded.get(id);
        if (embedded) found.push(...embedded);
        else parts.missing?.(id);
      } else if (name === "mc:AlternateContent") found.push(...blocks({ ...child, children: alternative(child) }));
      else if (name === "m:oMathPara" || name === "m:oMath") found.push({ text: mathText(child) });
      else if (name === "w:r") found.push(...paragraph({ name: "w:p", attributes: {}, children: [child] }));
      else found.push(...blocks(child));
    };
    return { add, found };
  }

  return { ...sequence(), isCut: fields.isCut };
}

const noProperties: XmlElement = { name: "w:rPr", attributes: {}, children: [] };

/** Rows and cells may lie in content controls, and rows may be deleted or hidden. */
function tableRows(element: XmlElement): XmlElement[] {
  return descendants(element, "w:tr", "w:del", "w:moveFrom").filter((row) => {
    const properties = childOf(row, "w:trPr");
    return row.name === "w:tr" && !childOf(properties, "w:del") && !isOn(childOf(properties, "w:hidden"));
  });
}

function rowCells(row: XmlElement): XmlElement[] {
  return descendants(row, "w:tc");
}

export function notesOf(root: XmlElement | undefined, name: string): Map<string, XmlElement> {
  return new Map(childrenOf(root, name).map((note) => [note.attributes["w:id"] ?? "", note]));
}
