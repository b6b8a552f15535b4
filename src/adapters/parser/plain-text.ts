import { joinLineEnds, vocabularyOf } from "./line-end-hyphens.ts";

const escapeCharacter = String.fromCharCode(0x1b);
const bell = String.fromCharCode(0x07);
const backspace = "\b";
// Control sequences (colours, cursor), operating system commands (titles, links), and what else an escape begins: ECMA-48.
const escapes = new RegExp(
  `${escapeCharacter}(?:\\[[0-?]{0,64}[ -/]{0,8}[@-~]|\\][^${bell}${escapeCharacter}\\n]{0,4096}(?:${bell}|${escapeCharacter}\\\\)|[()*+#%][0-~]|[0-~])`,
  "g",
);
const underlined = new RegExp(`([^_\\n])${backspace}_`, "gu");
const overstruck = new RegExp(`[^\\n${backspace}]${backspace}`, "gu");
const strays = new RegExp(`[${backspace}${escapeCharacter}${bell}]`, "g");
// Bold is printed over up to three times.
const overstrikes = 4;

/**
 * What a terminal or a printer would show: without colours, titles and cursor movements; letters that are printed over (bold
 * and underlined in manual pages) once. A hole of NULs in a log ends its line.
 */
export function shownText(text: string): string {
  // Nearly no text has any of these, and finding a character costs less than a pattern.
  if (![escapeCharacter, backspace, bell, "\0"].some((character) => text.includes(character))) return text;
  let shown = text.replace(/\0{2,}/g, "\n");
  if (shown.includes(escapeCharacter)) shown = shown.replace(escapes, "");
  if (shown.includes(backspace)) {
    shown = shown.replace(underlined, "$1");
    for (let time = 0; time < overstrikes && shown.includes(backspace); time += 1)
      shown = shown.replace(overstruck, "");
  }
  return shown.replace(strays, "");
}

const prose = new Set(["", "txt", "text"]);
// Longer than any word, so that a line of megabytes costs no more than another.
const wordContext = 120;
const vocabularyLength = 4_000_000;

/**
 * Puts words together that a hyphen divides at the end of a line. Only in prose: in code and data a hyphen at a line's end is
 * a minus or a rule.
 */
export function joinedText(text: string, extension: string): string {
  if (!prose.has(extension) || !(text.includes("-\n") || text.includes("‐\n"))) return text;
  const vocabulary = vocabularyOf(text.slice(0, vocabularyLength));
  const parts: string[] = [];
  for (const line of text.split("\n")) {
    const last = parts.at(-1);
    const tail = last?.slice(-wordContext) ?? "";
    const joined = /\p{L}[-‐]$/u.test(tail) ? joinLineEnds(`${tail}\n${line.slice(0, wordContext)}`, vocabulary) : "\n";
    if (last === undefined || joined.includes("\n")) {
      if (last !== undefined) parts.push("\n");
      parts.push(line);
    } else parts.splice(-1, 1, last.slice(0, last.length - tail.length), joined + line.slice(wordContext));
  }
  return parts.join("");
}
