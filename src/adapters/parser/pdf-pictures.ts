import { AnnotationMode, OPS } from "pdfjs-dist/legacy/build/pdf.mjs";
import { openPdf, type PdfDocument } from "./pdf-document.ts";

/** What is to be seen on a page beside text; `cropped`: most of the text lies outside the part of the page that is shown. */
export type Drawn = "picture" | "cropped" | "drawing" | "nothing" | "damaged";

/** A page, and the letters of the text that could be read from it. */
interface PageToLookAt {
  readonly number: number;
  readonly characters: number;
}

// A drawing has so many coordinates at least; a frame, a rule or a background has fewer.
const drawingCoordinates = 400;
// So many letters that are written, and so many times those that are shown: a page that was cropped, no marks for the printer.
const hiddenLetters = 200;
const hiddenToShown = 10;

/**
 * What is drawn on the given pages, without unpacking a picture: pdf.js stops at one that is larger than its limit, or
 * leaves it out, and the two readings of the page differ. (Unpacking took up to a second a page of a scan.)
 *
 * @param pixels a picture of more than this counts.
 */
export async function whatIsDrawn(
  name: string,
  bytes: Uint8Array,
  pages: readonly PageToLookAt[],
  pixels: number,
): Promise<Map<number, Drawn>> {
  const drawn = new Map<number, Drawn>();
  if (pages.length === 0) return drawn;
  const stopping = await openPdf(name, bytes.slice(), { picturesOver: pixels, atPicture: "stop" });
  const leaving = await openPdf(name, bytes.slice(), { picturesOver: pixels, atPicture: "leave out" });
  try {
    for (const { number: page, characters } of pages) {
      const before = await operatorsOf(stopping, page);
      const all = await operatorsOf(leaving, page);
      if (before.damaged) {
        drawn.set(page, "damaged");
        continue;
      }
      const isPicture = before.count < all.count || all.smallPixels > pixels;
      const isCropped = all.letters >= Math.max(hiddenLetters, hiddenToShown * characters);
      const isDrawing = all.coordinates >= drawingCoordinates;
      drawn.set(page, isPicture ? "picture" : isCropped ? "cropped" : isDrawing ? "drawing" : "nothing");
    }
  } finally {
    await stopping.loadingTask.destroy();
    await leaving.loadingTask.destroy();
  }
  return drawn;
}

interface Operators {
  readonly count: number;
  readonly coordinates: number;
  /** That are written, on the part of the page that is shown or beside it. */
  readonly letters: number;
  /** Of pictures under the limit, all together: many small ones make a large one. */
  readonly smallPixels: number;
  /** What stands on the page is broken: pdf.js, told to stop at errors, cannot even read its text. */
  readonly damaged: boolean;
}

async function operatorsOf(pdf: PdfDocument, number: number): Promise<Operators> {
  const page = await pdf.getPage(number).catch(() => undefined);
  const damaged = { count: 0, coordinates: 0, letters: 0, smallPixels: 0, damaged: true };
  if (page === undefined) return damaged;
  try {
    // The list of operators ends silently at an error: the text tells of those that are no picture.
    await page.getTextContent();
    const { fnArray, argsArray } = await page.getOperatorList({ annotationMode: AnnotationMode.DISABLE });
    let [coordinates, letters, smallPixels] = [0, 0, 0];
    fnArray.forEach((operator, index) => {
      const given: unknown = argsArray[index];
      if (operator === OPS.constructPath) coordinates += numbersIn(given);
      else if (operator === OPS.showText) letters += lettersIn(given);
      else smallPixels += pixelsOf(operator, given);
    });
    return { count: fnArray.length, coordinates, letters, smallPixels, damaged: false };
  } catch {
    return damaged;
  } finally {
    page.cleanup();
  }
}

function numbersIn(value: unknown, depth = 0): number {
  if (ArrayBuffer.isView(value)) return value.byteLength / 4;
  if (!Array.isArray(value) || depth > 3) return typeof value === "number" ? 1 : 0;
  return value.reduce<number>((sum, one) => sum + numbersIn(one, depth + 1), 0);
}

/** Of the signs that `showText` was given: marks for the printer are numbers and lines above all, and do not count. */
function lettersIn(given: unknown): number {
  const signs: unknown = Array.isArray(given) ? given[0] : undefined;
  if (!Array.isArray(signs)) return 0;
  return signs.filter(
    (sign: unknown) =>
      typeof sign === "object" &&
      sign !== null &&
      "unicode" in sign &&
      typeof sign.unicode === "string" &&
      /\p{L}/u.test(sign.unicode),
  ).length;
}

const pictureOperators: ReadonlySet<number> = new Set([
  OPS.paintImageXObject,
  OPS.paintInlineImageXObject,
  OPS.paintImageMaskXObject,
]);

function pixelsOf(operator: number, given: unknown): number {
  if (!pictureOperators.has(operator) || !Array.isArray(given)) return 0;
  const [first, width, height]: unknown[] = given;
  if (typeof width === "number" && typeof height === "number") return width * height;
  if (typeof first !== "object" || first === null || !("width" in first) || !("height" in first)) return 0;
  return Number(first.width) * Number(first.height) || 0;
}
