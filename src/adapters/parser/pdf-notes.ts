import type { ParseFault } from "../../core/types.ts";
import type { PdfDocument } from "./pdf-document.ts";
import { glyphsOf } from "./pdf-glyphs.ts";
import { pagesInWords } from "./pdf-losses.ts";
import type { PdfTextItem } from "./pdf-runs.ts";

/** Where a page leaves a choice, so that another program may read it otherwise. */
export type PageNote = "form" | "letters" | "turned" | "mirrored" | "again" | "boxes" | "formulas";

// Ordinary documents have none: a stamp across the page, a shadow and a heading in bold are nothing to tell.
const fewestTurned = 40;
const fewestMirrored = 10;
const fewestAgain = 20;
const leastAgain = 0.1;
const fewestScripts = 8;
const leastScripts = 0.1;
// From a quarter turn, in degrees: less is a scan that was put in by hand.
const odd = 4;

const lengthOf = (texts: readonly { readonly text: string }[]): number =>
  texts.reduce((sum, { text }) => sum + text.replace(/\s+/g, "").length, 0);

/**
 * @param items as they were read.
 * @param runs what became of them.
 */
export function notesOn(items: readonly PdfTextItem[], runs: readonly { readonly text: string }[]): PageNote[] {
  let [turned, mirrored] = [0, 0];
  for (const { str, transform } of items) {
    const [a = 1, b = 0, c = 0, d = 1] = transform;
    const letters = str.trim().length;
    const degrees = (Math.atan2(b, a) * 180) / Math.PI;
    if (Math.abs(degrees - Math.round(degrees / 90) * 90) > odd) turned += letters;
    if (a * d - b * c < 0) mirrored += letters;
  }
  const drawn = lengthOf(items.map(({ str }) => ({ text: str })));
  const again = drawn - lengthOf(runs);
  const notes: PageNote[] = [];
  if (turned >= fewestTurned) notes.push("turned");
  if (mirrored >= fewestMirrored) notes.push("mirrored");
  if (again >= fewestAgain && again >= leastAgain * drawn) notes.push("again");
  return notes;
}

/** Whether so many of a page's words are indices and exponents that where words end is a matter of taste. */
export function areFormulas(runs: readonly { readonly text: string; readonly script?: boolean }[]): boolean {
  const words = runs.reduce((sum, { text }) => sum + (text.match(/\S+/g)?.length ?? 0), 0);
  const scripts = runs.filter(({ script }) => script === true).length;
  return scripts >= fewestScripts && scripts >= leastScripts * words;
}

const reasons: Readonly<Record<PageNote, string>> = {
  form: "It is a form made for one program (XFA), and was read from its data: what a viewer draws may differ.",
  letters:
    "Letters are set apart or on top of each other: words were put together by where the letters stand, and another program may end them elsewhere.",
  turned: "Text is turned by odd angles: another program may break its words or put them in another order.",
  mirrored: "Text is mirrored, and was read as it was written: another program may turn its letters round.",
  again: "Text is drawn several times in one place, and was read once.",
  formulas:
    "Formulas: indices and exponents were put to the letter that they stand at; another program may read them as words of their own.",
  boxes: "A field is filled in with each letter in a box of its own, and was read as one word.",
};

/** @param more written beside the part of a page that is shown. */
export function notesOf(pages: readonly { readonly notes: readonly PageNote[] }[], more: More): ParseFault[] {
  const note = (numbers: readonly number[], reason: string): ParseFault[] =>
    numbers.length === 0 ? [] : [{ kind: "fault", id: pagesInWords(numbers), code: "content_note", reason }];
  const kinds = Object.keys(reasons) as PageNote[];
  return [
    ...kinds.flatMap((kind) => {
      const numbers = pages.flatMap(({ notes }, index) => (notes.includes(kind) ? [index + 1] : []));
      return note(numbers, reasons[kind]);
    }),
    ...note(
      more.on,
      `More is written beside the part that is shown (a printer's line, perhaps), and was left out${more.lookedAt < more.of ? `; of ${more.of} pages that show a part, ${more.lookedAt} were looked at` : ""}.`,
    ),
  ];
}

// Fonts of Chinese Windows that are not in the file: pdf.js takes them for Chinese, whatever the file says their signs are.
const chineseFonts = ["CBCECCE5", "BFACCCE5", "B7C2CBCE", "BADACCE5", "C1A5CAE9"].flatMap((hex) => [
  Buffer.from(`/#${hex.match(/../g)?.join("#")}`),
  Buffer.concat([Buffer.from("/"), Buffer.from(hex, "hex")]),
]);

/** Chinese whose file calls its signs Latin letters, as old programs of Windows wrote it. */
export function notesOfEncoding(bytes: Uint8Array, text: string): ParseFault[] {
  if (!/\p{Script=Han}/u.test(text)) return [];
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!chineseFonts.some((name) => file.includes(name))) return [];
  const reason =
    "Fonts with a Chinese name say that their signs are Latin letters: they were read as Chinese (GBK), and another program may read signs without a meaning.";
  return [{ kind: "fault", id: "", code: "content_note", reason }];
}

// Reading what is drawn costs as much again as reading the text: so many of the pages tell of the others.
const mostLookedAt = 4;
const fewestBeside = 10;

export interface More {
  /** Pages that have it, ascending. */
  readonly on: readonly number[];
  readonly lookedAt: number;
  /** Pages that may have it. */
  readonly of: number;
}

/**
 * Looks for text beside the part of a page that is shown, on the first, the last and some between of the given pages.
 *
 * @param cropped pages whose part does not begin in the corner, as after a crop, ascending.
 */
export async function lookBeside(cropped: readonly number[], closely: () => Promise<PdfDocument>): Promise<More> {
  const count = Math.min(cropped.length, mostLookedAt);
  const step = (cropped.length - 1) / Math.max(count - 1, 1);
  const some = Array.from({ length: count }, (_, index) => cropped[Math.round(index * step)] ?? 0);
  const found: number[] = [];
  for (const number of some) {
    let letters = 0;
    const count = (text: string): void => {
      if (/\p{L}/u.test(text)) letters += 1;
    };
    // A broken page must not cost the others their text for a note.
    await closely()
      .then(async (pdf) => glyphsOf(await pdf.getPage(number), count))
      .catch(() => undefined);
    if (letters >= fewestBeside) found.push(number);
  }
  return { on: found, lookedAt: count, of: cropped.length };
}
