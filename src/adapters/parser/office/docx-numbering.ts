import { shownNumber } from "./number-formats.ts";
import { alternative, childOf, childrenOf, type XmlElement } from "./xml.ts";

/** Which list a paragraph is of, and how deep in it (from 0). */
export interface ListPlace {
  readonly list: string;
  /** Undefined where the style that names the list leaves it to the list. */
  readonly level: number | undefined;
  readonly style: string | undefined;
}

/** The numbers that Word shows before paragraphs and writes nowhere. */
export interface Numbering {
  /** The number of the next paragraph at this place, as it is shown (`2.1`, `(a)`); "" for a bullet and for none. Each call counts on. */
  next(place: ListPlace): string;
}

interface Level {
  readonly format: string;
  /** `%1.%2` for the numbers of the first two levels. */
  readonly text: string;
  readonly start: number;
  /** The level, from 1, whose next number begins this one anew; 0 for none. */
  readonly restart: number;
  /** Numbers of the levels above are shown as decimals, whatever theirs is. */
  readonly isLegal: boolean;
  readonly style: string | undefined;
}

const levelsAtMost = 9;
const value = (element: XmlElement | undefined): string | undefined => element?.attributes["w:val"];
const numberOf = (element: XmlElement | undefined, fallback: number): number => {
  const number = Number(value(element) ?? "");
  return Number.isSafeInteger(number) && value(element) !== undefined ? number : fallback;
};

/** A format that Word has no name for is told by its first numbers, beside a plain one for older programs. */
function formatOf(level: XmlElement): string {
  const choice = childOf(level, "mc:AlternateContent");
  const shown = choice && { ...choice, children: alternative(choice) };
  const format = childOf(level, "w:numFmt") ?? childOf(shown, "w:numFmt");
  return format?.attributes["w:format"] ?? value(format) ?? "decimal";
}

function levelsOf(element: XmlElement): Map<number, Level> {
  const levels = new Map<number, Level>();
  for (const one of childrenOf(element, "w:lvl")) {
    const index = Number(one.attributes["w:ilvl"] ?? "0");
    const legal = childOf(one, "w:isLgl");
    levels.set(index, {
      format: formatOf(one),
      text: value(childOf(one, "w:lvlText")) ?? "",
      start: numberOf(childOf(one, "w:start"), 1),
      restart: numberOf(childOf(one, "w:lvlRestart"), index),
      isLegal: legal !== undefined && value(legal) !== "0" && value(legal) !== "false",
      style: value(childOf(one, "w:pStyle")),
    });
  }
  return levels;
}

/** @param root of the part `numbering`; undefined for a document without one. */
export function createNumbering(root: XmlElement | undefined): Numbering {
  const kinds = new Map<string, XmlElement>();
  const kindOfStyle = new Map<string, string>();
  for (const kind of childrenOf(root, "w:abstractNum")) {
    const id = kind.attributes["w:abstractNumId"] ?? "";
    kinds.set(id, kind);
    const style = value(childOf(kind, "w:styleLink"));
    if (style !== undefined) kindOfStyle.set(style, id);
  }
  const lists = new Map<string, { kind: string; levels: Map<number, Level>; restarts: Map<number, number> }>();
  const counts = new Map<string, number[]>();
  const begun = new Set<string>();

  for (const one of childrenOf(root, "w:num")) {
    const named = value(childOf(one, "w:abstractNumId")) ?? "";
    const linked = value(childOf(kinds.get(named), "w:numStyleLink"));
    const kind = linked === undefined ? named : (kindOfStyle.get(linked) ?? named);
    const element = kinds.get(kind);
    if (element === undefined) continue;
    const levels = levelsOf(element);
    const restarts = new Map<number, number>();
    for (const override of childrenOf(one, "w:lvlOverride")) {
      const index = Number(override.attributes["w:ilvl"] ?? "0");
      for (const [at, level] of levelsOf(override)) levels.set(at, level);
      const start = childOf(override, "w:startOverride");
      if (start) restarts.set(index, numberOf(start, 1));
    }
    lists.set(one.attributes["w:numId"] ?? "", { kind, levels, restarts });
  }

  return {
    next({ list: id, level: given, style }) {
      const list = lists.get(id);
      if (list === undefined) return "";
      const { levels, restarts, kind } = list;
      const byStyle = [...levels].find(([, level]) => level.style !== undefined && level.style === style)?.[0];
      const at = given ?? byStyle ?? 0;
      const level = levels.get(at);
      if (level === undefined || at < 0 || at >= levelsAtMost) return "";
      const count = counts.get(kind) ?? [];
      counts.set(kind, count);
      if (!begun.has(id)) for (const [index, start] of restarts) count[index] = start - 1;
      begun.add(id);
      for (let above = 0; above < at; above += 1) count[above] ??= levels.get(above)?.start ?? 1;
      count[at] = (count[at] ?? level.start - 1) + 1;
      for (const [below, { restart, start }] of levels)
        if (below > at && restart !== 0 && restart > at) count[below] = start - 1;
      if (level.format === "bullet") return "";
      return level.text
        .replace(/%([1-9])/g, (_whole, digit: string) => {
          const index = Number(digit) - 1;
          const format = levels.get(index)?.format ?? "decimal";
          const isPlain = level.isLegal && index !== at;
          return shownNumber(count[index] ?? levels.get(index)?.start ?? 1, isPlain ? "decimal" : format);
        })
        .trim();
    },
  };
}
