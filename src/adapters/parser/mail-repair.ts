// Headers of messages that break the rules, made such as follow them. All of it works on Latin-1, a character a byte.
import { normalizeEncoding, TextDecoder } from "@exodus/bytes/encoding.js";

const headerLine = /^[!-9;-~]+[ \t]*:/;
const maxHeaderLines = 2000;

/**
 * The message with an empty line below its headers, where the line that ends them has blanks in it, or where there is none: a line
 * that is no header and below which none follows begins the text.
 */
export function withHeadersEnded(source: string): string {
  let at = 0;
  let foreign: number | undefined;
  let blank: number | undefined;
  for (let number = 0; number < maxHeaderLines && at < source.length; number += 1) {
    const end = source.indexOf("\n", at);
    const line = source.slice(at, end === -1 ? undefined : end).replace(/\r$/, "");
    if (line === "") break;
    if (blank === at) {
      if (!headerLine.test(line) && !/^[ \t]/.test(line)) return `${source.slice(0, at)}\n${source.slice(at)}`;
    } else if (headerLine.test(line)) foreign = undefined;
    else if (number > 0 && !/^[ \t]/.test(line) && !/^>?From /.test(line)) foreign ??= at;
    at = end === -1 ? source.length : end + 1;
    blank = /^[ \t]+$/.test(line) && number > 0 && foreign === undefined ? at : undefined;
  }
  return foreign === undefined ? source : `${source.slice(0, foreign)}\n${source.slice(foreign)}`;
}

/** The first charset that the message declares and that says more than ASCII; else what most mail programs meant. */
function charsetOf(source: string): string {
  for (const [, label = ""] of source.matchAll(/\bcharset\s*=\s*"?([\w.:-]{1,60})/gi)) {
    const known = normalizeEncoding(label);
    if (known && known !== "utf-8" && !/^(?:us-)?ascii$/i.test(label)) return known;
  }
  return "windows-1252";
}

const partHeaders = /(^|\n)(--[^\r\n]{1,200}\r?\n)((?:[!-9;-~]+:[^\n]*\n|[ \t][^\n]*\n)+)/g;
const encodedWord = /=\?[\w*-]{1,40}\?q\?[^?\s]*\?=/gi;

/** The message with those headers as UTF-8 that hold letters as their sender's computer wrote them; what they stand above is left as it is. */
export function withHeadersInUtf8(source: string): string {
  const decoder = new TextDecoder(charsetOf(source));
  const strict = new TextDecoder("utf-8", { fatal: true });
  const inUtf8 = (block: string): string => {
    if (!/[\x80-\xff]/.test(block)) return block;
    const bytes = Buffer.from(block, "latin1");
    try {
      strict.decode(bytes);
      return block;
    } catch {
      const escaped = block.replace(encodedWord, (word) =>
        word.replace(/[\x80-\xff]/g, (byte) => `=${byte.charCodeAt(0).toString(16).toUpperCase()}`),
      );
      return Buffer.from(decoder.decode(Buffer.from(escaped, "latin1")), "utf8").toString("latin1");
    }
  };
  const end = /\r?\n\r?\n/.exec(source)?.index ?? source.length;
  const rest = source
    .slice(end)
    .replace(partHeaders, (_, before: string, boundary: string, block: string) => before + boundary + inUtf8(block));
  return inUtf8(source.slice(0, end)) + rest;
}

/** Text in UTF-7 (RFC 2152): letters beyond ASCII as UTF-16 in base64 between `+` and `-`. */
export function fromUtf7(text: string): string {
  return text.replace(/\+([A-Za-z0-9+/]*)-?/g, (_, encoded: string) => {
    const bytes = Buffer.from(encoded, "base64");
    return encoded === ""
      ? "+"
      : bytes
          .subarray(0, bytes.length & ~1)
          .swap16()
          .toString("utf16le");
  });
}
