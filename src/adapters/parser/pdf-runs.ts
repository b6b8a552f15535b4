import { putAccent } from "./pdf-accents.ts";

/** What pdf.js tells of a piece of text on a page. */
export interface PdfTextItem {
  readonly str: string;
  readonly dir: string;
  /** Along the text, in points (along the column for vertical writing: `height`). */
  readonly width: number;
  readonly height: number;
  /** A 2 x 3 matrix: where the piece begins, and how it is turned and sized. */
  readonly transform: readonly number[];
  /** Of its font: runs from top to bottom. */
  readonly vertical: boolean;
}

/** A piece of text in the frame of its own direction: the text runs along one axis, lines follow down the other. */
export interface Run {
  text: string;
  start: number;
  end: number;
  /** Larger is higher. */
  baseline: number;
  /** Of the font, in points. */
  readonly size: number;
  /** Place in the order of drawing. */
  readonly order: number;
  readonly rightToLeft: boolean;
  /** White space was drawn right before it. */
  readonly spaced: boolean;
  /** An index or an exponent that was put on the line of its letter. */
  script?: true;
}

// Text that leans by less is meant to be straight (scans put in by hand), other text is grouped by steps.
const straightDegrees = 4;
const stepDegrees = 10;

function directionOf(a: number, b: number): number {
  const degrees = (Math.atan2(b, a) * 180) / Math.PI;
  const quarter = Math.round(degrees / 90) * 90;
  const direction =
    Math.abs(degrees - quarter) <= straightDegrees ? quarter : Math.round(degrees / stepDegrees) * stepDegrees;
  return direction === -180 ? 180 : direction;
}

/** All numbers of it are finite: a damaged file may place text anywhere. */
function isPlaced({ transform, width, height }: PdfTextItem): boolean {
  return transform.length >= 6 && [...transform, width, height].every(Number.isFinite);
}

/**
 * The runs of a page by their direction, the one with most text first. White space is not a run: distances tell of it.
 * What is drawn again at nearly the same place (bold faked by two strokes, a shadow) is left out.
 */
export function placeRuns(items: readonly PdfTextItem[]): Run[][] {
  const frames = new Map<string, { runs: Run[]; letters: number }>();
  const drawn = new Map<string, Run[]>();
  let spaced = false;
  let last: { run: Run; frame: string } | undefined;
  items.forEach((item, order) => {
    const text = item.str.trim();
    if (text === "" || !isPlaced(item)) {
      spaced = true;
      return;
    }
    const [a = 1, b = 0, c = 0, d = 1, x = 0, y = 0] = item.transform;
    // Vertical writing runs downwards, and its lines follow from right to left: a page turned by a quarter.
    const direction = item.vertical ? -90 : directionOf(a, b);
    const radians = (direction * Math.PI) / 180;
    const [cosine, sine] = [Math.cos(radians), Math.sin(radians)];
    const start = x * cosine + y * sine;
    const baseline = y * cosine - x * sine;
    const size = item.vertical ? item.width || Math.hypot(a, b) : item.height || Math.hypot(c, d);
    const length = item.vertical ? item.height : item.width;
    const spacedBefore = spaced || /^\s/u.test(item.str);
    const run: Run = {
      text,
      start,
      end: start + length,
      baseline,
      size: Math.max(size, 0.1),
      order,
      rightToLeft: item.dir === "rtl",
      spaced: spacedBefore,
    };
    spaced = /\s$/u.test(item.str);
    if (isDrawnAgain(run, direction, drawn)) return;
    const name = `${direction}${item.vertical}`;
    const frame = frames.get(name) ?? { runs: [], letters: 0 };
    frames.set(name, frame);
    if (last?.frame === name) putAccent(last.run, run);
    frame.letters += text.length;
    if (run.text === "") return;
    if (last?.run.text === "") frame.runs.pop();
    frame.runs.push(run);
    last = { run, frame: name };
  });
  return [...frames.values()].sort((one, other) => other.letters - one.letters).map((frame) => frame.runs);
}

// In font sizes: a second stroke for bold lies within a tenth, a shadow a little further.
const again = 0.25;

/** Remembers the run by its text and a cell of the page; says whether the same text lies on top of an earlier one. */
function isDrawnAgain(run: Run, direction: number, drawn: Map<string, Run[]>): boolean {
  const reach = Math.min(again * run.size, Math.max(0.5 * (run.end - run.start), 0.1));
  const cell = Math.max(run.size, 1);
  const [column, row] = [Math.round(run.start / cell), Math.round(run.baseline / cell)];
  for (const across of [column - 1, column, column + 1]) {
    for (const up of [row - 1, row, row + 1]) {
      const near = drawn.get(`${direction} ${across} ${up} ${run.text}`) ?? [];
      const same = near.some(
        (other) => Math.abs(other.start - run.start) <= reach && Math.abs(other.baseline - run.baseline) <= reach,
      );
      if (same) return true;
    }
  }
  const key = `${direction} ${column} ${row} ${run.text}`;
  const here = drawn.get(key);
  if (here === undefined) drawn.set(key, [run]);
  // Enough to know them by: a page that draws one word a million times in one place stays linear.
  else if (here.length < 8) here.push(run);
  return false;
}
