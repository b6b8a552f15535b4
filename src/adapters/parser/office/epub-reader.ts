import { posix } from "node:path";
import { IsthmusError } from "../../../core/errors.ts";
import type { Parsed, ParseFault } from "../../../core/types.ts";
import { cleanLine } from "../clean.ts";
import { decodeHtml } from "../html-charset.ts";
import { htmlContent } from "../html-content.ts";
import type { SandboxJob } from "../sandbox-protocol.ts";
import { type Archive, openArchive } from "./archive.ts";
import { joinParts, partOfBlocks, type TextPart } from "./blocks.ts";
import { childOf, childrenOf, descendants, textOf, type XmlElement, xmlTree } from "./xml.ts";

/** Where a reference inside the package leads. */
function partAt(folder: string, reference: string): string {
  const path = reference.replace(/[#?].*$/, "");
  try {
    return posix.join(folder, decodeURIComponent(path));
  } catch {
    return posix.join(folder, path);
  }
}

/** Elements of the package document; old programs write them without their namespace. */
const listed = (book: XmlElement, list: string, item: string): XmlElement[] => [
  ...childrenOf(childOf(book, `opf:${list}`), `opf:${item}`),
  ...childrenOf(childOf(book, list), item),
];

/** The words of a page that is a drawing. */
async function drawnWords(archive: Archive, part: string): Promise<TextPart> {
  const root = await xmlTree(archive.stream(part));
  const lines = root ? descendants(root, "text", "svg:text").map(textOf) : [];
  return partOfBlocks(lines.map((text) => ({ text, group: "list" })));
}

/** Runs in the sandbox. The chapters of a book in the order of its spine, as one document. */
export async function readEpub(job: SandboxJob): Promise<readonly Parsed[]> {
  const archive = await openArchive(job.bytes, job.name);
  const container = await xmlTree(archive.stream("META-INF/container.xml"));
  const [rootFile] = container ? descendants(container, "container:rootfile") : [];
  const main = rootFile?.attributes["full-path"] ?? "";
  const book = await xmlTree(archive.stream(main));
  if (!book) throw new Error("the package document is missing");
  const items = new Map(
    listed(book, "manifest", "item").map(({ attributes }) => [
      attributes["id"] ?? "",
      partAt(posix.dirname(main), attributes["href"] ?? ""),
    ]),
  );
  const encryption = await xmlTree(archive.stream("META-INF/encryption.xml"));
  const locked = new Set(
    (encryption ? descendants(encryption, "enc:CipherReference") : []).map(({ attributes }) =>
      partAt("", attributes["URI"] ?? ""),
    ),
  );
  const parts: TextPart[] = [];
  const faults: ParseFault[] = [];
  let isLocked = false;
  for (const { attributes } of listed(book, "spine", "itemref")) {
    const part = items.get(attributes["idref"] ?? "") ?? "";
    if (locked.has(part)) isLocked = true;
    else if (/\.svg$/i.test(part) && archive.has(part)) parts.push(await drawnWords(archive, part));
    else if (archive.has(part)) {
      const { text: html } = await decodeHtml(new Uint8Array(await archive.read(part)));
      const { text, sections } = htmlContent(html, true);
      parts.push({ text, sections });
    } else {
      const reason = `The chapter ${JSON.stringify(cleanLine(part))} is named in the book and missing from the file.`;
      faults.push({ kind: "fault", id: cleanLine(part), code: "content_lost", reason });
    }
  }
  if (isLocked) {
    throw new IsthmusError("parse_encrypted", `${job.name} is protected (DRM). Only books without it can be read.`);
  }
  const { text, sections } = joinParts(parts);
  if (sections.length === 0) {
    throw new IsthmusError("content_empty", `${job.name} holds no text: its chapters are empty, or pictures.`);
  }
  const [named] = descendants(book, "dc:title", "dc:Title");
  const title = cleanLine(textOf(named)) || job.fallbackTitle;
  return [{ kind: "document", title, text, sections, metadata: {} }, ...faults];
}
