import { Readable } from "node:stream";
import type { Archive } from "./archive.ts";

// Word 2003 and the flat form of DOCX: one file of XML that holds what a DOCX holds in parts.
const word2003 = "http://schemas.microsoft.com/office/word/2003/wordml";
const relationshipTypes = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const mainName = "word/document.xml";
const stylesName = "word/styles.xml";

function archiveOf(parts: ReadonlyMap<string, Buffer>): Archive {
  const has = (name: string): boolean => parts.has(name.toLowerCase());
  const read = async (name: string): Promise<Buffer> => parts.get(name.toLowerCase()) ?? Buffer.alloc(0);
  return {
    names: [...parts.keys()],
    has,
    read,
    stream: (name) => Readable.from(has(name) ? [parts.get(name.toLowerCase())] : []),
  };
}

/** The parts of a package (`pkg:package`), each as it is written; those in base64 are pictures and their like. */
function packageParts(xml: string): Map<string, Buffer> {
  const parts = new Map<string, Buffer>();
  for (const piece of xml.split(/<pkg:part\s/).slice(1)) {
    const name = /\bpkg:name\s*=\s*["']\/?([^"']{1,500})["']/.exec(piece)?.[1];
    const start = piece.indexOf("<pkg:xmlData");
    const end = piece.lastIndexOf("</pkg:xmlData>");
    const from = piece.indexOf(">", start) + 1;
    if (name !== undefined && start !== -1 && end >= from)
      parts.set(name.toLowerCase(), Buffer.from(piece.slice(from, end)));
  }
  return parts;
}

function parts2003(xml: string): Map<string, Buffer> {
  const parts = new Map([[mainName, Buffer.from(xml)]]);
  const start = xml.indexOf("<w:styles");
  const end = xml.indexOf("</w:styles>", start);
  if (start === -1 || end === -1) return parts;
  const styles = xml.slice(start + "<w:styles".length, end + "</w:styles>".length);
  parts.set(stylesName, Buffer.from(`<w:styles xmlns:w="${word2003}"${styles}`));
  const relationship = `<Relationship Id="s" Type="${relationshipTypes}/styles" Target="styles.xml"/>`;
  return parts.set(
    "word/_rels/document.xml.rels",
    Buffer.from(
      `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${relationship}</Relationships>`,
    ),
  );
}

/** Whether the beginning of a file of XML is that of a Word document. */
export function looksLikeFlatWord(start: string): boolean {
  return (
    /<w:wordDocument\s/.test(start) ||
    (/<pkg:package\s/.test(start) && (/progid\s*=\s*"Word\.Document"/.test(start) || start.includes('"/word/')))
  );
}

/** A Word document that is one file of XML, as the parts that it holds; undefined for anything else. */
export function flatWord(bytes: Buffer): Archive | undefined {
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe;
  if (!looksLikeFlatWord(bytes.subarray(0, 4096).toString(isWide ? "utf16le" : "latin1"))) return undefined;
  const xml = bytes.toString(isWide ? "utf16le" : "utf8").replace(/^\ufeff/, "");
  const text = xml.replace(/^(<\?xml[^>]*?)\sencoding\s*=\s*["'][^"']*["']/, "$1");
  return archiveOf(/<w:wordDocument\s/.test(text.slice(0, 4096)) ? parts2003(text) : packageParts(text));
}
