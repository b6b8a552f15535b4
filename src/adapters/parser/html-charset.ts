import { getEncoding } from "encoding-sniffer";
import { type DecodedText, decodeText } from "./decode.ts";

// The HTML standard looks for a declaration in the first 1,024 bytes and honours a later one while it reads on; pages carry
// licences, styles and preloads in front of it.
const prescanBytes = 65_536;
const nothingDeclared = "utf-16le";

/**
 * The text of an HTML or XHTML file, its encoding found as browsers find it: by a byte order mark, by what a `meta` element
 * or the XML declaration names, else UTF-8 where it is valid, else windows-1252 unless the bytes are plainly another.
 * Unlike a browser, a page that is valid UTF-8 is read so whatever it declares: it was saved again by another program.
 */
export function decodeHtml(bytes: Uint8Array): Promise<DecodedText> {
  // A declaration that can be read byte by byte is never taken for UTF-16, so that name can say that there is none.
  const declared = getEncoding(bytes, { maxBytes: prescanBytes, defaultEncoding: nothingDeclared }).toLowerCase();
  return decodeText(bytes, { declared: declared === nothingDeclared ? undefined : declared, western: true });
}
