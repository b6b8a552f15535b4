import { AnnotationMode, OPS } from "pdfjs-dist/legacy/build/pdf.mjs";
import type { PdfPage } from "./pdf-document.ts";
import { letterOfGlyph } from "./pdf-glyph-names.ts";

/** A letter, digit, mark or space as it is drawn on a page. */
export interface Glyph {
  readonly text: string;
  /** Where it begins, in points. */
  readonly x: number;
  readonly y: number;
  /** Direction of the text, a unit vector. */
  readonly right: readonly [number, number];
  /** In points, as the font has it. */
  readonly width: number;
  /** How far from it the next one stands where nothing moves it: its width, and what all letters are set apart. */
  readonly advance: number;
  /** Of the font, in points. */
  readonly size: number;
}

type Matrix = readonly [number, number, number, number, number, number];

const identity: Matrix = [1, 0, 0, 1, 0, 0];

function times(one: Matrix, other: Matrix): Matrix {
  const [a, b, c, d, e, f] = one;
  const [g, h, i, j, k, l] = other;
  return [a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * l + e, b * k + d * l + f];
}

/** pdf.js gives lists and typed arrays; anything else, and what is not finite, is no matrix. */
function matrixIn(value: unknown): Matrix | undefined {
  const list = ArrayBuffer.isView(value) || Array.isArray(value) ? Array.from(value as ArrayLike<unknown>, Number) : [];
  return list.length === 6 && list.every(Number.isFinite) ? (list as unknown as Matrix) : undefined;
}

interface Font {
  /** Of a letter's width, to the size of the font. */
  readonly scale: number;
  readonly differences: ReadonlyMap<number, unknown> | undefined;
}

interface State {
  matrix: Matrix;
  font: Font | undefined;
  size: number;
  letterSpacing: number;
  wordSpacing: number;
  /** 1 is as wide as the font is made. */
  stretch: number;
  leading: number;
  rise: number;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/**
 * The glyphs of a page one by one, in the order of drawing, those beside its shown part left out; undefined for a page with
 * a font that runs downwards.
 *
 * The list of operators is read, which costs as much again as the page's text.
 *
 * Text state and its operators: PDF 32000-1, 9.3 and 9.4.
 *
 * @param page of a document that was opened with `glyphs`.
 * @param onHidden is told of each glyph beside the shown part.
 */
export async function glyphsOf(
  page: PdfPage,
  onHidden: (text: string) => void = () => undefined,
): Promise<readonly Glyph[] | undefined> {
  const { fnArray, argsArray } = await page.getOperatorList({ annotationMode: AnnotationMode.DISABLE });
  const glyphs: Glyph[] = [];
  const [left = 0, bottom = 0, right = 0, top = 0] = page.view;
  const isShown = (x: number, y: number): boolean => x >= left && x <= right && y >= bottom && y <= top;
  let state: State = {
    matrix: identity,
    font: undefined,
    size: 0,
    letterSpacing: 0,
    wordSpacing: 0,
    stretch: 1,
    leading: 0,
    rise: 0,
  };
  const saved: State[] = [];
  let textMatrix = identity;
  // In the text's own space: where its line began, and where the next glyph stands.
  let [lineX, lineY, x, y] = [0, 0, 0, 0];
  let isVertical = false;
  const fonts = new Map<unknown, Font | undefined>();

  const fontNamed = (name: unknown): Font | undefined => {
    if (fonts.has(name)) return fonts.get(name);
    const known = typeof name === "string" && page.commonObjs.has(name);
    const data: unknown = known ? page.commonObjs.get(name) : undefined;
    let font: Font | undefined;
    if (isObject(data)) {
      if (data["vertical"] === true) isVertical = true;
      const { differences } = data;
      const scale = matrixIn(data["fontMatrix"])?.[0] ?? 0.001;
      font = { scale, differences: differences instanceof Map ? differences : undefined };
    }
    fonts.set(name, font);
    return font;
  };
  const setFont = (name: unknown, size: unknown): void => {
    state.font = fontNamed(name);
    state.size = Number(size) || 0;
  };
  const moveTo = (byX: unknown, byY: unknown): void => {
    x = lineX += Number(byX) || 0;
    y = lineY += Number(byY) || 0;
  };
  const show = (shown: readonly unknown[]): void => {
    const { font, size, stretch, rise, letterSpacing, wordSpacing } = state;
    if (font === undefined || size === 0) return;
    const frame = times(state.matrix, textMatrix);
    const [a, b, c, d, e, f] = frame;
    const along = Math.hypot(a, b);
    const height = Math.abs(size) * Math.hypot(c, d);
    if (along === 0 || height === 0) return;
    const way = Math.sign(size * stretch) || 1;
    const direction = [(way * a) / along, (way * b) / along] as const;
    for (const glyph of shown) {
      if (typeof glyph === "number") x -= ((glyph * size) / 1000) * stretch;
      if (!isObject(glyph)) continue;
      const text = typeof glyph["unicode"] === "string" ? glyph["unicode"] : "";
      const wide = (Number(glyph["width"]) || 0) * size * font.scale;
      const at = [a * x + c * (y + rise) + e, b * x + d * (y + rise) + f] as const;
      const code = glyph["originalCharCode"];
      const name = typeof code === "number" ? font.differences?.get(code) : undefined;
      const apart = letterSpacing + (glyph["isSpace"] === true ? wordSpacing : 0);
      if (isShown(...at)) {
        glyphs.push({
          text: typeof name === "string" ? letterOfGlyph(name, text) : text,
          x: at[0],
          y: at[1],
          right: direction,
          width: Math.abs(wide * stretch) * along,
          advance: (wide + apart) * stretch * along * way,
          size: height,
        });
      } else onHidden(text);
      x += (wide + apart) * stretch;
    }
  };

  fnArray.forEach((operator, index) => {
    const given: unknown = argsArray[index];
    const list: readonly unknown[] = Array.isArray(given) ? given : [];
    const [first, second] = list;
    switch (operator) {
      case OPS.save:
        saved.push({ ...state });
        break;
      case OPS.restore:
      case OPS.paintFormXObjectEnd:
        state = saved.pop() ?? state;
        break;
      case OPS.transform:
        state.matrix = times(state.matrix, matrixIn(list) ?? matrixIn(first) ?? identity);
        break;
      case OPS.paintFormXObjectBegin:
        saved.push({ ...state });
        state.matrix = times(state.matrix, matrixIn(first) ?? identity);
        break;
      case OPS.beginText:
        textMatrix = identity;
        x = y = lineX = lineY = 0;
        break;
      case OPS.setTextMatrix:
        textMatrix = matrixIn(first) ?? matrixIn(list) ?? identity;
        x = y = lineX = lineY = 0;
        break;
      case OPS.setLeading:
        state.leading = -(Number(first) || 0);
        break;
      case OPS.setLeadingMoveText:
        state.leading = Number(second) || 0;
        moveTo(first, second);
        break;
      case OPS.moveText:
        moveTo(first, second);
        break;
      case OPS.nextLine:
        moveTo(0, state.leading);
        break;
      case OPS.setCharSpacing:
        state.letterSpacing = Number(first) || 0;
        break;
      case OPS.setWordSpacing:
        state.wordSpacing = Number(first) || 0;
        break;
      case OPS.setHScale:
        state.stretch = (Number(first) || 0) / 100;
        break;
      case OPS.setTextRise:
        state.rise = Number(first) || 0;
        break;
      case OPS.setFont:
        setFont(first, second);
        break;
      case OPS.setGState:
        for (const entry of Array.isArray(first) ? first : []) {
          const [key, value]: unknown[] = Array.isArray(entry) ? entry : [];
          if (key === "Font" && Array.isArray(value)) setFont(value[0], value[1]);
        }
        break;
      case OPS.showText:
        if (Array.isArray(first)) show(first);
        break;
    }
  });
  return isVertical ? undefined : glyphs;
}
