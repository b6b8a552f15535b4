export const escapeCharacter = String.fromCharCode(0x1b);
/** Begins a control sequence in one byte. */
export const introducer = String.fromCharCode(0x9b);
const bell = String.fromCharCode(0x07);
// Control sequences (colours, cursor), operating system commands (titles, links), and what else an escape begins: ECMA-48.
const escapes = new RegExp(
  `${introducer}[0-?]{0,64}[ -/]{0,8}[@-~]|${escapeCharacter}(?:\\[[0-?]{0,64}[ -/]{0,8}[@-~]|\\][^${bell}${escapeCharacter}\\n]{0,4096}(?:${bell}|${escapeCharacter}\\\\)|[()*+#%][0-~]|[0-~])`,
  "g",
);

/** A text without what steers a terminal: colours, titles, links and cursor movements, which logs keep. */
export function withoutEscapes(text: string): string {
  if (!text.includes(escapeCharacter) && !text.includes(introducer)) return text;
  return text.replace(escapes, "").replaceAll(escapeCharacter, "").replaceAll(introducer, "");
}
