import { cleanLine } from "../clean.ts";
import { type Block, rowText } from "./blocks.ts";
import { paragraphText } from "./odf.ts";
import { childOf, descendants, elementsOf, textOf, type XmlElement } from "./xml.ts";

// Writer has no more columns.
const mostColumns = 63;

// What was deleted, forms' settings, and what programs keep beside the text.
const unseen = new Set([
  "text:tracked-changes",
  "text:sequence-decls",
  "office:forms",
  "text:hidden-paragraph",
  "presentation:notes",
]);

function paragraph(element: XmlElement): Block[] {
  const below: Block[] = [];
  const text = paragraphText(element, (inside) => {
    if (inside.name === "text:ruby") {
      const reading = textOf(childOf(inside, "text:ruby-text"));
      return textOf(childOf(inside, "text:ruby-base")) + (reading && `(${reading})`);
    }
    const words = (holder: XmlElement | undefined): string =>
      odfBlocks(holder)
        .map((block) => block.text.trim())
        .join("\n");
    if (inside.name === "text:note") {
      const mark = `[${textOf(childOf(inside, "text:note-citation")).trim()}]`;
      below.push({ text: `${mark} ${words(childOf(inside, "text:note-body"))}` });
      return mark;
    }
    if (inside.name === "office:annotation") {
      const author = cleanLine(textOf(childOf(inside, "dc:creator")));
      below.push({ text: `[Comment${author && ` by ${author}`}: ${words(inside)}]` });
    }
    if (inside.name === "draw:frame") below.push(...odfFrame(inside));
    return "";
  });
  const level = Number(element.attributes["text:outline-level"] ?? "1");
  const isHeading = element.name === "text:h" && text !== "";
  const isTitle = element.attributes["text:style-name"] === "Title" && text !== "";
  if (isHeading || isTitle)
    return [{ text: text.replace(/\s+/g, " "), level: isTitle || !(level >= 1) ? 1 : level }, ...below];
  return [{ text }, ...below];
}

/** A frame: a text box or table in it, or the words about its picture. */
export function odfFrame(element: XmlElement): Block[] {
  const about = textOf(childOf(element, "svg:desc")).trim() || textOf(childOf(element, "svg:title")).trim();
  const inside = elementsOf(element).flatMap((child) =>
    child.name === "draw:text-box" ? odfBlocks(child) : child.name === "table:table" ? table(child) : [],
  );
  return [...inside, { text: about }];
}

function table(element: XmlElement): Block[] {
  return descendants(element, "table:table-row").flatMap((row): Block[] => {
    const cells = elementsOf(row).filter(({ name }) => /^table:(?:covered-)?table-cell$/.test(name));
    const inside = cells.flatMap((cell) => {
      const times = Number(cell.attributes["table:number-columns-repeated"] ?? "1");
      const one = odfBlocks(cell);
      // Empty cells to the end of the page are written as one.
      return Array.from({ length: times >= 1 && times <= mostColumns ? times : 1 }, () => one);
    });
    if (inside.length === 1 || inside.some((cell) => cell.some(({ level }) => level !== undefined)))
      return inside.flat();
    return [{ text: rowText(inside.map((cell) => cell.map(({ text }) => text).join("\n"))), group: "table" }];
  });
}

/** The paragraphs, lists and tables in an element. */
export function odfBlocks(holder: XmlElement | undefined): Block[] {
  return elementsOf(holder).flatMap((element): Block[] => {
    const { name } = element;
    if (unseen.has(name) || (name === "text:section" && element.attributes["text:display"] === "none")) return [];
    if (name === "text:p" || name === "text:h") return paragraph(element);
    if (name === "table:table") return table(element);
    if (name === "draw:frame") return odfFrame(element);
    if (name === "text:list") {
      return odfBlocks({ ...element, name: "list" }).map((block) =>
        block.level === undefined ? { ...block, group: "list" } : block,
      );
    }
    return odfBlocks(element);
  });
}
