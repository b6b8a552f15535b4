import type { Archive } from "./archive.ts";
import type { ListPlace } from "./docx-numbering.ts";
import { childOf, childrenOf, type XmlElement, xmlTree } from "./xml.ts";

interface Style {
  readonly name: string;
  readonly basedOn: string | undefined;
  readonly properties: XmlElement;
}

/** What the styles of a document make of its paragraphs and runs. */
export interface Styles {
  /** 1 to 9 for a heading, by its own outline level or what its style is or is derived from; 1 for a title; 0 for text. */
  headingLevel(paragraphProperties: XmlElement | undefined): number;
  /** The list that a paragraph is of, by itself or by its style; undefined for none. */
  listPlace(paragraphProperties: XmlElement | undefined): ListPlace | undefined;
  isTitle(paragraphProperties: XmlElement | undefined): boolean;
  /** Whether text in this run is hidden (`w:vanish`), by the run itself, its style or the paragraph's. */
  isHidden(runProperties: XmlElement | undefined, paragraphProperties: XmlElement | undefined): boolean;
}

const value = (element: XmlElement | undefined): string | undefined => element?.attributes["w:val"];

/** A property that is on by being there, unless it says otherwise. */
export function isOn(element: XmlElement | undefined): boolean {
  return element !== undefined && !/^(?:0|false|off)$/.test(value(element) ?? "");
}

/** From an outline level (0 to 8, 9 is body text) to ours; undefined where none is set. */
function outlineLevel(properties: XmlElement | undefined): number | undefined {
  const level = value(childOf(properties, "w:outlineLvl"));
  if (level === undefined) return undefined;
  return /^[0-8]$/.test(level) ? Number(level) + 1 : 0;
}

export async function readStyles(archive: Archive, part: string | undefined): Promise<Styles> {
  const root = part === undefined ? undefined : await xmlTree(archive.stream(part));
  const styles = new Map<string, Style>();
  // Of paragraphs that name no style.
  let usual: string | undefined;
  for (const element of childrenOf(root, "w:style")) {
    const name = value(childOf(element, "w:name")) ?? "";
    const basedOn = value(childOf(element, "w:basedOn"));
    const id = element.attributes["w:styleId"] ?? "";
    styles.set(id, { name, basedOn, properties: element });
    const { "w:type": type, "w:default": isUsual = "0" } = element.attributes;
    if (type === "paragraph" && /^(?:1|on|true)$/.test(isUsual)) usual = id;
  }
  /** A style and those it is derived from, nearest first; a circle ends where it closes. */
  function* lineage(id: string | undefined): Generator<Style> {
    const seen = new Set<string>();
    for (let at = id; at !== undefined && !seen.has(at); at = styles.get(at)?.basedOn) {
      seen.add(at);
      const style = styles.get(at);
      if (style) yield style;
      // Documents made by programs name styles that they do not define.
      else
        yield {
          name: at.replace(/(\d)$/, " $1"),
          basedOn: undefined,
          properties: { name: "", attributes: {}, children: [] },
        };
    }
  }
  const paragraphStyle = (properties: XmlElement | undefined) => value(childOf(properties, "w:pStyle"));
  const styleLevel = (id: string | undefined): number => {
    for (const { name, properties } of lineage(id)) {
      const level = outlineLevel(childOf(properties, "w:pPr"));
      if (level !== undefined) return level;
      const [, digit] = /^heading ([1-9])$/i.exec(name.trim()) ?? [];
      if (digit !== undefined) return Number(digit);
      if (/^title$/i.test(name.trim())) return 1;
      if (/^toc heading$/i.test(name.trim())) return 0;
    }
    return 0;
  };
  const byDefault = childOf(childOf(childOf(root, "w:docDefaults"), "w:rPrDefault"), "w:rPr");
  const styleHides = (id: string | undefined): boolean | undefined => {
    for (const { properties } of lineage(id)) {
      const vanish = childOf(childOf(properties, "w:rPr"), "w:vanish");
      if (vanish) return isOn(vanish);
    }
    return undefined;
  };
  return {
    headingLevel: (properties) => outlineLevel(properties) ?? styleLevel(paragraphStyle(properties)),
    listPlace(properties) {
      const own = childOf(properties, "w:numPr");
      const style = paragraphStyle(properties);
      const ownLevel = value(childOf(own, "w:ilvl"));
      let list = value(childOf(own, "w:numId"));
      let level = ownLevel === undefined ? undefined : Number(ownLevel);
      for (const { properties: inherited } of list === undefined ? lineage(style) : []) {
        const numbered = childOf(childOf(inherited, "w:pPr"), "w:numPr");
        const styleLevel = value(childOf(numbered, "w:ilvl"));
        if (level === undefined && styleLevel !== undefined) level = Number(styleLevel);
        list = value(childOf(numbered, "w:numId"));
        if (list !== undefined) break;
      }
      if (list === undefined || list === "0") return undefined;
      return { list, level: own === undefined || level !== undefined ? level : 0, style };
    },
    isTitle: (properties) => [...lineage(paragraphStyle(properties))].some(({ name }) => /^title$/i.test(name.trim())),
    isHidden(run, paragraph) {
      const own = childOf(run, "w:vanish");
      if (own) return isOn(own);
      return (
        styleHides(value(childOf(run, "w:rStyle"))) ??
        styleHides(paragraphStyle(paragraph) ?? usual) ??
        isOn(childOf(byDefault, "w:vanish"))
      );
    },
  };
}
