import { readAnnotations } from "./pdf-annotations.ts";
import type { PdfPage } from "./pdf-document.ts";
import { glyphsOf } from "./pdf-glyphs.ts";
import { type Line, readRows } from "./pdf-layout.ts";
import { isUnmapped } from "./pdf-losses.ts";
import { areFormulas, notesOn, type PageNote } from "./pdf-notes.ts";
import { rowsOf } from "./pdf-rows.ts";
import { type PdfTextItem, placeRuns } from "./pdf-runs.ts";
import { areBroken, wordsOfGlyphs } from "./pdf-words.ts";

/** What a page gives that cannot be read at all. */
export const unreadablePage: PageReading = {
  text: "",
  characters: 0,
  unmapped: 0,
  fields: 0,
  notes: [],
  damaged: true,
};

export interface PageReading {
  /**
   * In reading order, with what was filled into its fields in their place and what was remarked on it at its end: a line
   * a line, a blank line between paragraphs, the cells of a table's row set apart.
   */
  readonly text: string;
  /** Characters of the text, white space aside. */
  readonly characters: number;
  /** Of these, how many have no meaning, because their font does not tell it. */
  readonly unmapped: number;
  /** Fields of a form, filled in or not. */
  readonly fields: number;
  /** Where the page left a choice. */
  readonly notes: readonly PageNote[];
  /** It could not be read. */
  readonly damaged: boolean;
}

/** @param closely gives the same page of the document opened with `glyphs`, for a page whose pieces are not its words. */
export async function readPage(page: PdfPage, closely: () => Promise<PdfPage>): Promise<PageReading> {
  const { items, styles } = await page.getTextContent({ disableNormalization: true });
  const texts = items.flatMap((item) => ("str" in item ? [item] : []));
  // A form that is all XFA has no page to place text on: it comes in order, without coordinates.
  if (texts.length > 0 && texts.every((item) => item.transform === undefined)) {
    return reading(texts.map((item) => item.str).join("\n"), 0, ["form"]);
  }
  const content = texts.map((item) => ({ ...item, vertical: styles[item.fontName]?.vertical === true }));
  const baselines = content.map((item) => Number(item.transform[5])).sort((a, b) => a - b);
  // A broken annotation must not cost the page its text.
  const annotations: unknown[] = await page.getAnnotations().catch(() => []);
  const { placed, comments, fields, boxes } = readAnnotations(annotations, baselines);
  const read = (items: readonly PdfTextItem[], known: readonly PageNote[] = []): PageReading => {
    const all = [...items, ...placed];
    const frames = placeRuns(all);
    const notes = [...known, ...(boxes ? (["boxes"] as const) : []), ...notesOn(all, frames.flat())];
    const texts = frames.map((runs) => textOfLines(readRows(rowsOf(runs))));
    // Known once they are in rows.
    if (areFormulas(frames.flat())) notes.push("formulas");
    return reading([...texts, ...comments].join("\n\n"), fields, notes);
  };
  const plain = read(content);
  const broken = areBroken(content);
  if (!broken && !isUnmapped(plain)) return plain;
  const glyphs = await glyphsOf(await closely()).catch(() => undefined);
  if (glyphs === undefined) return plain;
  const close = read(wordsOfGlyphs(glyphs), broken ? ["letters"] : []);
  return broken || close.unmapped < plain.unmapped ? close : plain;
}

// What pdf.js gives for a sign whose letter the font does not tell. Of the private characters, those of symbol fonts
// (bullets, U+F000 to U+F0FF) and of Adobe's fonts (parts of brackets, U+F600 on) mean what they are.
const unmappedSign = /[\ue000-\uefff\uf100-\uf5ff\ufffd\p{Cn}]|(?!\s)\p{Cc}/gu;

function reading(text: string, fields: number, notes: readonly PageNote[]): PageReading {
  const characters = text.replace(/\s+/g, "").length;
  return { text, characters, unmapped: text.match(unmappedSign)?.length ?? 0, fields, notes, damaged: false };
}

function textOfLines(lines: readonly Line[]): string {
  return lines
    .map(({ text, before }, index) => (index === 0 ? text : `${before === "paragraph" ? "\n\n" : "\n"}${text}`))
    .join("")
    .replace(/[^\S\n]+/g, " ");
}
