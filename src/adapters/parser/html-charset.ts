import { TextDecoder } from "node:util";
import { IsthmusError } from "../../core/errors.ts";
import { byteOrderMark, decodeText } from "./decode.ts";

// Where the HTML standard looks for it.
const prescanBytes = 1024;
const declaration = /<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w:.-]{1,40})/i;

/**
 * The text of an HTML file: by its byte order mark, else by the charset that a `meta` element names, else UTF-8.
 *
 * @throws `content_encoding` for bytes that do not fit, or a charset nobody knows.
 */
export function decodeHtml(bytes: Uint8Array, name: string): string {
  if (byteOrderMark(bytes)) return decodeText(bytes, name);
  const head = Buffer.from(bytes.subarray(0, prescanBytes)).toString("latin1");
  const label = declaration.exec(head)?.[1]?.toLowerCase();
  // A declaration that could be read byte by byte cannot be UTF-16: the standard takes it for UTF-8.
  if (label === undefined || /^utf-?(?:8|16)/.test(label)) return decodeText(bytes, name);
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(label, { fatal: true });
  } catch (cause) {
    const message = `${name} declares the charset ${JSON.stringify(label)}, which is not known. Save it as UTF-8.`;
    throw new IsthmusError("content_encoding", message, { cause });
  }
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    const message = `${name} is not valid in the charset it declares, ${JSON.stringify(label)}. Save it as UTF-8.`;
    throw new IsthmusError("content_encoding", message, { cause });
  }
}
