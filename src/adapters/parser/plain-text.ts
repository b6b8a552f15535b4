import { joinLineEnds, vocabularyOf } from "./line-end-hyphens.ts";
import { escapeCharacter, introducer, withoutEscapes } from "./terminal.ts";

const bell = String.fromCharCode(0x07);
const backspace = "\b";
// What takes no place of its own on the line: accents, joiners, controls.
const placeless = /[\p{M}\p{Cc}\p{Default_Ignorable_Code_Point}]/u;

/** A line as it stands when the carriage went back and printed over it: the last sign of each place, and an underline under none. */
function overprinted(line: string): string {
  if (!line.includes(backspace)) return line;
  const places: string[] = [];
  let at = 0;
  for (const sign of line) {
    if (sign === backspace) at = Math.max(0, at - 1);
    else if (placeless.test(sign) && (at > 0 || places.length > 0)) places[Math.max(0, at - 1)] += sign;
    else {
      if (sign !== "_" || places[at] === undefined) places[at] = sign;
      at += 1;
    }
  }
  return places.join("");
}

/**
 * What a terminal or a printer would show: without colours, titles and cursor movements; letters that are printed over (bold
 * and underlined in manual pages) once, and none that a space is printed over. A hole of NULs in a log ends its line; a soft
 * hyphen at a line's end divides no word.
 */
export function shownText(text: string): string {
  // Nearly no text has any of these, and finding a character costs less than a pattern.
  if (!signs.some((character) => text.includes(character))) return text;
  let shown = text.replace(/\0{2,}/g, "\n").replace(/\u00ad\r?\n[ \t]*/g, "");
  shown = withoutEscapes(shown);
  shown = shown.replaceAll(bell, "");
  return shown.includes(backspace) ? shown.replace(/[^\r\n]+/g, overprinted) : shown;
}

const signs = [escapeCharacter, introducer, backspace, bell, "\0", "\u00ad"];

const prose = new Set(["", "txt", "text"]);
// Longer than any word, so that a line of megabytes costs no more than another.
const wordContext = 120;
const vocabularyLength = 4_000_000;

/**
 * Puts words together that a hyphen divides at the end of a line. Only in prose: in code and data a hyphen at a line's end is
 * a minus or a rule.
 */
export function joinedText(text: string, extension: string): string {
  if (!prose.has(extension) || !["-\n", "‐\n", "- \n"].some((end) => text.includes(end))) return text;
  const vocabulary = vocabularyOf(text.slice(0, vocabularyLength));
  const parts: string[] = [];
  for (const line of text.split("\n")) {
    const last = parts.at(-1);
    const tail = last?.slice(-wordContext) ?? "";
    // Blanks at a line's end and the indent of the next part no word.
    const end = tail.trimEnd();
    const start = /\p{L}[-‐]$/u.test(end) ? line.slice(0, wordContext).trimStart() : "";
    const joined = start === "" ? "\n" : joinLineEnds(`${end}\n${start}`, vocabulary);
    if (last === undefined || joined.includes("\n")) {
      if (last !== undefined) parts.push("\n");
      parts.push(line);
    } else parts.splice(-1, 1, last.slice(0, last.length - tail.length), joined + line.slice(wordContext));
  }
  return parts.join("");
}
