import { TextDecoder } from "node:util";
import { byteOrderMark, decodeText } from "./decode.ts";

const declaration = /^\s{0,100}<\?xml\s[^>]{0,300}?encoding\s*=\s*["']([\w:.-]{1,40})["']/;

/** The encoding that the bytes themselves give away without a mark: XML begins with `<`, in whatever width. */
function wideEncoding(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0x3c && bytes[1] === 0 && bytes[2] !== 0) return "utf-16le";
  return bytes[0] === 0 && bytes[1] === 0x3c ? "utf-16be" : undefined;
}

/**
 * The text of an XML file: by its byte order mark, its width, or the encoding it declares, else UTF-8. Bytes that the
 * declared encoding does not know cost one character each.
 *
 * @throws `content_encoding` for bytes that are not valid in UTF-8 where nothing else is declared.
 */
export function decodeXml(bytes: Uint8Array, name: string): string {
  if (byteOrderMark(bytes)) return decodeText(bytes, name);
  const head = Buffer.from(bytes.subarray(0, 1024)).toString("latin1");
  const label = wideEncoding(bytes) ?? declaration.exec(head)?.[1]?.toLowerCase();
  // What could be read byte by byte up to here is no UTF-16, whatever it declares.
  if (label === undefined || /^utf-?8$/.test(label) || (/^utf-?16/.test(label) && !wideEncoding(bytes))) {
    return decodeText(bytes, name);
  }
  try {
    return new TextDecoder(label).decode(bytes);
  } catch {
    // An encoding that nobody knows.
    return decodeText(bytes, name);
  }
}

/** Where the white space, comments and processing instructions at the start of the text end. */
function prologEnd(text: string): number {
  const space = /\s*/y;
  for (let at = 0; ; ) {
    space.lastIndex = at;
    space.exec(text);
    at = Math.max(at, space.lastIndex);
    const close = text.startsWith("<?", at) ? "?>" : text.startsWith("<!--", at) ? "-->" : "";
    const end = close === "" ? -1 : text.indexOf(close, at + 2);
    if (end === -1) return at;
    at = end + close.length;
  }
}

/**
 * The text without its document type declaration: the entities it declares are never expanded (a few lines of them can
 * stand for gigabytes, or for files of this machine), and stay in the text as they are written.
 */
export function withoutDoctype(text: string): string {
  const start = prologEnd(text);
  if (!/^<!DOCTYPE\b/i.test(text.slice(start, start + 10))) return text;
  let depth = 0;
  let quote = "";
  for (let at = start; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (text.startsWith("<!--", at)) {
      const end = text.indexOf("-->", at);
      if (end === -1) break;
      at = end + 2;
    } else if (character === '"' || character === "'") quote = character;
    else if (character === "[") depth += 1;
    else if (character === "]") depth -= 1;
    else if (character === ">" && depth === 0) return text.slice(0, start) + text.slice(at + 1);
  }
  // It never ends: nothing of the file is more than a declaration, or it is damaged; the parser makes the best of it.
  return text;
}
