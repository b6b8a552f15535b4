import type { Archive } from "./archive.ts";
import { childOf, elementsOf, type XmlElement, type XmlNode, xmlTree } from "./xml.ts";

/** Objects of a document that are looked into: each is a part of its own. */
const mostObjects = 2_000;

function operand(element: XmlElement | undefined): string {
  const text = element ? mathText(element) : "";
  return /^(?:[\p{N}.,]*|[\p{L}\p{M}]+)$/u.test(text) ? text : `(${text})`;
}

const forms: Readonly<Record<string, (parts: readonly XmlElement[]) => string>> = {
  mfrac: ([above, below]) => `${operand(above)}/${operand(below)}`,
  msup: ([base, above]) => `${operand(base)}^${operand(above)}`,
  msub: ([base, below]) => `${operand(base)}_${operand(below)}`,
  msubsup: ([base, below, above]) => `${operand(base)}_${operand(below)}^${operand(above)}`,
  munder: ([base, below]) => `${operand(base)}_${operand(below)}`,
  mover: ([base, above]) => `${operand(base)}^${operand(above)}`,
  munderover: ([base, below, above]) => `${operand(base)}_${operand(below)}^${operand(above)} `,
  mroot: ([inside, degree]) => `[${degree ? mathText(degree) : ""}]√${operand(inside)}`,
  mtable: (rows) => rows.map((row) => elementsOf(row).map(mathText).join(", ")).join("; "),
};
// What the formula was typed as, beside what it shows.
const unseen = new Set(["annotation", "annotation-xml"]);

/** An equation of MathML as one would type it: `(a+b)/2`, `x^2`. */
function mathText(element: XmlElement): string {
  const name = element.name.replace(/^.*:/, "");
  if (unseen.has(name)) return "";
  const form = forms[name];
  if (form) return form(elementsOf(element));
  const inside = element.children.map((child) => (typeof child === "string" ? child.trim() : mathText(child))).join("");
  return name === "msqrt" ? `√${/^[\p{L}\p{N}]*$/u.test(inside) ? inside : `(${inside})`}` : inside;
}

const isMath = (root: XmlElement | undefined): root is XmlElement => /(?:^|:)math$/.test(root?.name ?? "");

/** The document with its equations as words: they lie in parts of their own, to which frames in the text refer. */
export async function withEquations(root: XmlElement, archive: Archive): Promise<XmlElement> {
  let looked = 0;

  async function equation(frame: XmlElement): Promise<string | undefined> {
    const object = childOf(frame, "draw:object");
    if (object === undefined || looked >= mostObjects) return undefined;
    looked += 1;
    const inside = elementsOf(object).find(isMath);
    if (inside) return mathText(inside);
    const folder = (object.attributes["xlink:href"] ?? "").replace(/^\.\//, "").replace(/\/$/, "");
    const part = `${folder}/content.xml`;
    if (folder === "" || !archive.has(part)) return undefined;
    const content = await xmlTree(archive.stream(part)).catch(() => undefined);
    return isMath(content) ? mathText(content) : undefined;
  }

  async function read(element: XmlElement): Promise<XmlElement> {
    const text = element.name === "draw:frame" ? await equation(element) : undefined;
    if (text !== undefined) return { name: "text:span", attributes: {}, children: [text] };
    const children: XmlNode[] = [];
    for (const child of element.children) children.push(typeof child === "string" ? child : await read(child));
    return { ...element, children };
  }

  return await read(root);
}
