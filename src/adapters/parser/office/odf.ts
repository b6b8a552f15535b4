import { IsthmusError } from "../../../core/errors.ts";
import type { Archive } from "./archive.ts";
import type { XmlElement, XmlNode } from "./xml.ts";

// A run of spaces is written as a count.
const maxSpaces = 1_000;

/** What stands inside a paragraph without being read there. */
const aside = new Set(["office:annotation", "text:note", "text:ruby", "draw:frame", "text:tracked-changes"]);

/**
 * The words of a paragraph of OpenDocument.
 *
 * @param special what to do with an element that is more than text around it; "" leaves it out.
 */
export function paragraphText(paragraph: XmlElement, special: (element: XmlElement) => string = () => ""): string {
  const read = (node: XmlNode): string => {
    // White space of the file collapses; what counts is written as elements.
    if (typeof node === "string") return node.replace(/\s+/g, " ");
    const { name, attributes } = node;
    if (name === "text:s")
      return " ".repeat(Math.min(maxSpaces, Math.max(1, Number(attributes["text:c"] ?? "1") || 1)));
    if (name === "text:tab") return "\t";
    if (name === "text:line-break") return "\n";
    return aside.has(name) ? special(node) : node.children.map(read).join("");
  };
  return paragraph.children.map(read).join("").trim();
}

/** @throws `parse_encrypted` for a document with a password: its manifest tells how each part is encrypted. */
export async function refuseEncryptedOdf(archive: Archive, name: string): Promise<void> {
  const manifest = (await archive.read("META-INF/manifest.xml")).toString("utf8");
  if (!/<(?:[\w-]+:)?encryption-data[\s/>]/.test(manifest)) return;
  throw new IsthmusError(
    "parse_encrypted",
    `${name} is protected by a password. Save a copy without one and ingest that.`,
  );
}
