import { childOf, childrenOf, descendants, type XmlElement, type XmlNode } from "./xml.ts";

interface Style {
  readonly parent: string | undefined;
  readonly isHidden: boolean | undefined;
}

/** Styles by family and name: those of the document and those that its author made, of all parts given. */
function stylesIn(parts: readonly (XmlElement | undefined)[]): Map<string, Style> {
  const styles = new Map<string, Style>();
  for (const part of parts) {
    for (const element of part ? descendants(part, "style:style") : []) {
      const { "style:family": family, "style:name": name, "style:parent-style-name": parent } = element.attributes;
      const display = childOf(element, "style:text-properties")?.attributes["text:display"];
      const visibility = childOf(element, "style:drawing-page-properties")?.attributes["presentation:visibility"];
      const isHidden = display === undefined ? visibility && visibility === "hidden" : display === "none";
      styles.set(`${family} ${name}`, { parent, isHidden: isHidden === "" ? undefined : isHidden });
    }
  }
  return styles;
}

/** What the styles of a document of OpenDocument make of its elements. */
export interface OdfStyles {
  /** Whether the style, or one that it is derived from, hides what has it; the nearest that says so counts. */
  isHidden(family: string, name: string | undefined): boolean;
  isDerivedFrom(family: string, name: string | undefined, ancestor: string): boolean;
}

export function readOdfStyles(parts: readonly (XmlElement | undefined)[]): OdfStyles {
  const styles = stylesIn(parts);
  function* lineage(family: string, name: string | undefined): Generator<readonly [string, Style | undefined]> {
    const seen = new Set<string>();
    for (let at = name; at !== undefined && !seen.has(at); at = styles.get(`${family} ${at}`)?.parent) {
      seen.add(at);
      yield [at, styles.get(`${family} ${at}`)];
    }
  }
  return {
    isHidden(family, name) {
      for (const [, style] of lineage(family, name)) if (style?.isHidden !== undefined) return style.isHidden;
      return false;
    },
    isDerivedFrom: (family, name, ancestor) => [...lineage(family, name)].some(([one]) => one === ancestor),
  };
}

const isTrue = (value: string | undefined): boolean => value === "true";

const titleStyle = "Title";

/** The document without what it hides, by a style or a field for hidden text; titles have the style of titles by its own name. */
export function asShown(root: XmlElement, styles: OdfStyles): XmlElement {
  const hides = ({ name, attributes }: XmlElement): boolean => {
    if (name === "text:span") return styles.isHidden("text", attributes["text:style-name"]);
    if (name === "text:hidden-text") return attributes["text:is-hidden"] !== "false";
    if (name === "style:header" || name === "style:footer") return attributes["style:display"] === "false";
    return (name === "text:p" || name === "text:h") && styles.isHidden("paragraph", attributes["text:style-name"]);
  };
  // A field in a paragraph hides all of it.
  const isHiddenParagraph = (element: XmlElement): boolean =>
    (element.name === "text:p" || element.name === "text:h") &&
    childrenOf(element, "text:hidden-paragraph").some(({ attributes }) => isTrue(attributes["text:is-hidden"]));
  const isTitle = ({ name, attributes }: XmlElement): boolean =>
    name === "text:p" && styles.isDerivedFrom("paragraph", attributes["text:style-name"], titleStyle);
  const read = (element: XmlElement): XmlElement => ({
    name: element.name,
    attributes: isTitle(element) ? { ...element.attributes, "text:style-name": titleStyle } : element.attributes,
    children: element.children.flatMap((child): XmlNode[] => {
      if (typeof child === "string") return [child];
      return hides(child) || isHiddenParagraph(child) ? [] : [read(child)];
    }),
  });
  return read(root);
}
