import { isUtf8 } from "node:buffer";
import { RtfBytes } from "./rtf-bytes.ts";
import { scanRtf } from "./rtf-tokens.ts";
import { characterWords, pageOfCharset } from "./rtf-words.ts";

interface Group {
  /** A piece of HTML as it was, text between such pieces, or what only readers of RTF need. */
  readonly kind: "tag" | "text" | "other";
  readonly isRtfAlone: boolean;
  readonly font: number;
  readonly fallbacks: number;
}

const escaped: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const otherGroups = new Set(["fonttbl", "colortbl", "stylesheet", "info", "pict", "generator", "pntext", "listtext"]);
const isDerived = /^[^}]{0,2000}?\\fromhtml1(?!\d)/;

/** The page that Outlook made the RTF of a message from, as [MS-OXRTFEX] keeps it in there; undefined for RTF of another origin. */
export function htmlWithin(rtf: Uint8Array): string | undefined {
  const source = Buffer.from(rtf.buffer, rtf.byteOffset, rtf.byteLength).toString("latin1");
  const start = source.indexOf("{\\rtf");
  if (start === -1 || !isDerived.test(source.slice(start))) return undefined;
  const bytes = new RtfBytes(isUtf8(rtf));
  const pages = new Map<number, number>();
  const pieces: string[] = [];
  const outer: Group[] = [];
  let group: Group = { kind: "text", isRtfAlone: false, font: 0, fallbacks: 1 };
  let filePage = 1252;
  let inFonts = 0;
  let isIgnorable = false;

  function say(text: string): void {
    if (group.kind === "tag") pieces.push(text);
    else if (group.kind === "text" && !group.isRtfAlone)
      pieces.push(text.replace(/[&<>]/g, (sign) => escaped[sign] ?? sign));
  }
  const flush = (): void => say(bytes.take(pages.get(group.font) ?? filePage));

  function word(name: string, number: number | undefined): void {
    if (name === "htmlrtf") group = { ...group, isRtfAlone: number !== 0 };
    else if (name === "uc") group = { ...group, fallbacks: Math.max(0, number ?? 1) };
    else if (name === "f") group = { ...group, font: number ?? 0 };
    else if (name === "ansicpg") filePage = number || filePage;
    else if (name === "fcharset" && inFonts > 0) {
      const page = pageOfCharset.get(number ?? 0);
      if (page !== undefined) pages.set(group.font, page);
    } else if (name === "u" && number !== undefined) {
      if (!bytes.skips()) say(String.fromCharCode(number & 0xffff));
      bytes.skip(group.fallbacks);
    } else if (bytes.skips()) return;
    else if (name === "par" || name === "line") say("\r\n");
    else say(characterWords.get(name) ?? "");
  }

  scanRtf(source, start, {
    open() {
      flush();
      outer.push(group);
      group = { ...group };
      if (inFonts > 0) inFonts += 1;
    },
    close() {
      flush();
      bytes.skip(0);
      group = outer.pop() ?? group;
      if (inFonts > 0) inFonts -= 1;
    },
    word(name, number) {
      flush();
      const ignorable = isIgnorable;
      isIgnorable = false;
      if (name === "fonttbl") inFonts = 1;
      if (ignorable && name === "htmltag") group = { ...group, kind: "tag" };
      else if (ignorable || otherGroups.has(name)) group = { ...group, kind: "other" };
      else word(name, number);
    },
    symbol(sign) {
      flush();
      isIgnorable = sign === "*";
      if (sign === "~") say("\u00a0");
      else if (sign === "_") say("-");
      else if (sign === "\\" || sign === "{" || sign === "}") say(sign);
    },
    byte: (value) => bytes.add(String.fromCharCode(value)),
    text: (run) => bytes.add(run),
  });
  flush();
  return pieces.join("");
}
