import type { PdfTextItem } from "./pdf-runs.ts";

/** What stands on a page beside its content. */
export interface Annotations {
  /** What was filled into fields and typed onto the page, at its place. */
  readonly placed: readonly PdfTextItem[];
  /** What was remarked on the page, a paragraph each. */
  readonly comments: readonly string[];
  /** How many fields of a form there are, filled in or not. */
  readonly fields: number;
  /** One of them has a box for each letter, and is filled in. */
  readonly boxes: boolean;
}

// PDF 32000-1, table 165: bits of the annotation's flags.
const hidden = 2;
const noView = 32;

// A longer list (of countries) shows a part of itself alone, and what was chosen in it is what is said.
const mostOptions = 20;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const textIn = (value: unknown): string =>
  typeof value === "string" ? value : isFields(value) && typeof value["str"] === "string" ? value["str"] : "";
const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/**
 * @param annotations as pdf.js gives them: of any shape that a file may have given them.
 * @param baselines of the page's own text, ascending: a field's value belongs on the line of its label.
 */
export function readAnnotations(annotations: readonly unknown[], baselines: readonly number[]): Annotations {
  const placed: PdfTextItem[] = [];
  const comments: string[] = [];
  let fields = 0;
  let boxes = false;
  for (const annotation of annotations) {
    if (!isFields(annotation) || isUnseen(annotation)) continue;
    const { subtype } = annotation;
    if (subtype === "Widget") {
      fields += 1;
      if (annotation["comb"] === true && linesOf(annotation).join("").length > 1) boxes = true;
    }
    if (subtype === "Widget" || subtype === "FreeText") {
      placed.push(...placeLines(linesOf(annotation), annotation["rect"], subtype === "Widget" ? baselines : []));
    } else if (subtype !== "Popup" && subtype !== "Link") {
      const text = textIn(annotation["contentsObj"]).trim();
      const author = textIn(annotation["titleObj"]).trim();
      if (text !== "") comments.push(author === "" ? `Comment: ${text}` : `Comment by ${author}: ${text}`);
    }
  }
  return { placed, comments, fields, boxes };
}

function isUnseen(annotation: Fields): boolean {
  const flags = annotation["annotationFlags"];
  return annotation["hidden"] === true || (typeof flags === "number" && (flags & (hidden | noView)) !== 0);
}

function linesOf(annotation: Fields): readonly string[] {
  if (annotation["subtype"] === "FreeText") {
    const drawn = listIn(annotation["textContent"]).map(textIn);
    return drawn.length > 0 ? drawn : textIn(annotation["contentsObj"]).split(/\r\n?|\n/);
  }
  const value = annotation["fieldValue"];
  if (annotation["fieldType"] === "Btn") {
    const mark = (on: boolean): readonly string[] => [on ? "[x]" : "[ ]"];
    if (annotation["checkBox"] === true) return mark(value === annotation["exportValue"]);
    return annotation["radioButton"] === true ? mark(value === annotation["buttonValue"]) : [];
  }
  // What is typed there is not for everybody's eyes.
  if (annotation["password"] === true) return [];
  const options = listIn(annotation["options"]).filter(isFields);
  const chosen: readonly unknown[] = Array.isArray(value) ? value : [value];
  // A list that lies open shows what was not chosen too.
  if (annotation["combo"] === false && options.length > 0 && options.length <= mostOptions) {
    return options.map((option) => {
      const mark = chosen.includes(option["exportValue"]) ? "[x]" : "[ ]";
      return `${mark} ${textIn(option["displayValue"])}`;
    });
  }
  const shown = (one: unknown): string => {
    const option = options.find((each) => each["exportValue"] === one);
    return option === undefined ? textIn(one) : textIn(option["displayValue"]);
  };
  const values = chosen.map(shown).join(", ");
  // What is drawn in a field without a value: rich text, or what it is meant for.
  if (values === "") return listIn(annotation["textContent"]).map(textIn);
  return values.split(/\r\n?|\n/);
}

// Fields are set in about this size, in points, where they are high enough for it.
const usualSize = 11;

function placeLines(lines: readonly string[], rectangle: unknown, baselines: readonly number[]): PdfTextItem[] {
  const [left, low, right, high] = listIn(rectangle).map(Number);
  if (left === undefined || low === undefined || right === undefined || high === undefined) return [];
  const pitch = (high - low) / Math.max(lines.length, 1);
  const size = Math.max(Math.min(pitch * 0.75, usualSize), 1);
  return lines.map((text, index) => {
    const middle = high - (index + 0.5) * pitch - size * 0.35;
    const baseline = lines.length === 1 ? nearest(baselines, middle, (high - low) / 2) : middle;
    const width = Math.min(Math.max(right - left, size), text.length * size * 0.5);
    return {
      str: text,
      dir: "ltr",
      width,
      height: size,
      transform: [size, 0, 0, size, left, baseline],
      vertical: false,
    };
  });
}

/** The number of an ascending list that is nearest, if it is within reach; else the one that was given. */
function nearest(ascending: readonly number[], wanted: number, reach: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  const distance = (value: number | undefined): number =>
    value === undefined ? Number.POSITIVE_INFINITY : Math.abs(value - wanted);
  const [below, above] = [ascending[low - 1], ascending[low]];
  const closest = distance(below) < distance(above) ? below : above;
  return closest !== undefined && distance(closest) <= reach ? closest : wanted;
}
