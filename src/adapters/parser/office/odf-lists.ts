import { shownNumber } from "./number-formats.ts";
import { childrenOf, descendants, elementsOf, textOf, type XmlElement } from "./xml.ts";

interface Level {
  readonly format: string;
  readonly prefix: string;
  readonly suffix: string;
  /** How many levels the number shows: 2 for `1.2`. */
  readonly shown: number;
  readonly start: number;
}
type Levels = ReadonlyMap<number, Level>;

const mostLevels = 10;
const formats: Readonly<Record<string, string>> = {
  "1": "decimal",
  a: "lowerLetter",
  A: "upperLetter",
  i: "lowerRoman",
  I: "upperRoman",
};

function counted(value: string | undefined, fallback: number): number {
  const number = Number(value ?? "");
  return value !== undefined && Number.isSafeInteger(number) && number >= 0 ? number : fallback;
}

/** The levels of a style that have numbers; those with bullets have none. */
function levelsOf(style: XmlElement, name: string): Levels {
  const levels = childrenOf(style, name).map(({ attributes }): [number, Level] => [
    counted(attributes["text:level"], 1),
    {
      format: formats[attributes["style:num-format"] ?? ""] ?? "",
      prefix: attributes["style:num-prefix"] ?? "",
      suffix: attributes["style:num-suffix"] ?? "",
      shown: counted(attributes["text:display-levels"], 1),
      start: counted(attributes["text:start-value"], 1),
    },
  ]);
  return new Map(levels);
}

/** The number of a place in a list, as it is shown; "" for a level without numbers. */
function label(levels: Levels | undefined, level: number, counts: readonly number[]): string {
  const own = levels?.get(level);
  if (!levels || !own || own.format === "") return "";
  const numbers: string[] = [];
  for (let at = Math.max(1, level - own.shown + 1); at <= level; at += 1) {
    const { format = "", start = 1 } = levels.get(at) ?? {};
    if (format !== "") numbers.push(shownNumber(counts[at] ?? start, format));
  }
  return `${own.prefix}${numbers.join(".")}${own.suffix}`.trim();
}

function labelled(paragraph: XmlElement, mark: string): XmlElement {
  return mark === "" || textOf(paragraph).trim() === ""
    ? paragraph
    : { ...paragraph, children: [`${mark} `, ...paragraph.children] };
}

interface Place {
  readonly style: string;
  readonly level: number;
  /** Of the items so far, by level. */
  readonly counts: number[];
}

/**
 * A text of OpenDocument with the numbers of its lists and headings before them: programs show them and write them nowhere.
 *
 * @param parts that hold its styles.
 */
export function withNumbers(root: XmlElement, parts: readonly (XmlElement | undefined)[]): XmlElement {
  const styles = new Map<string, Levels>();
  let outline: Levels = new Map();
  for (const part of parts) {
    for (const style of part ? descendants(part, "text:list-style", "text:outline-style") : []) {
      if (style.name === "text:outline-style") outline = levelsOf(style, "text:outline-level-style");
      else styles.set(style.attributes["style:name"] ?? "", levelsOf(style, "text:list-level-style-number"));
    }
  }
  const byStyle = new Map<string, number[]>();
  const byId = new Map<string, number[]>();
  const headings: number[] = [];

  function next(counts: number[], level: number, levels: Levels | undefined, restart: string | undefined): void {
    counts[level] = counted(restart, (counts[level] ?? (levels?.get(level)?.start ?? 1) - 1) + 1);
    counts.length = level + 1;
  }

  function list(element: XmlElement, outer: Place | undefined): XmlElement {
    const { attributes } = element;
    const style = attributes["text:style-name"] ?? outer?.style ?? "";
    const level = (outer?.level ?? 0) + 1;
    const goesOn = attributes["text:continue-numbering"] === "true";
    const before = byId.get(attributes["text:continue-list"] ?? "") ?? (goesOn ? byStyle.get(style) : undefined);
    const counts = outer?.counts ?? before ?? [];
    if (outer && !goesOn) counts.length = Math.min(counts.length, level);
    byStyle.set(style, counts);
    byId.set(attributes["xml:id"] ?? "", counts);
    const place = { style, level, counts };
    return {
      ...element,
      children: elementsOf(element).map((child) =>
        child.name === "text:list-item" ? item(child, place) : read(child, place),
      ),
    };
  }

  function item(element: XmlElement, place: Place): XmlElement {
    const [first, ...rest] = elementsOf(element);
    if (!first || place.level > mostLevels) return element;
    // An item that holds nothing but a deeper list is there for its depth.
    if (first.name === "text:list")
      return { ...element, children: [list(first, place), ...rest.map((child) => read(child, place))] };
    const levels = styles.get(place.style);
    next(place.counts, place.level, levels, element.attributes["text:start-value"]);
    const mark = label(levels, place.level, place.counts);
    // What is deeper is counted after the item itself.
    return { ...element, children: [labelled(read(first, place), mark), ...rest.map((child) => read(child, place))] };
  }

  function heading(element: XmlElement): XmlElement {
    const { attributes } = element;
    const level = counted(attributes["text:outline-level"], 1);
    if (attributes["text:is-list-header"] === "true" || level < 1 || level > mostLevels) return element;
    const restarts = attributes["text:restart-numbering"] === "true";
    next(headings, level, outline, attributes["text:start-value"] ?? (restarts ? "1" : undefined));
    return labelled(element, label(outline, level, headings));
  }

  function read(element: XmlElement, place: Place | undefined): XmlElement {
    if (element.name === "text:list") return list(element, place);
    if (element.name === "text:h" && !place) return heading(element);
    const children = element.children.map((child) => (typeof child === "string" ? child : read(child, place)));
    return { ...element, children };
  }
  return read(root, undefined);
}
