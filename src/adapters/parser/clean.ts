import { escapeCharacter, introducer, withoutEscapes } from "./terminal.ts";

// Invisible characters hide text from a reader but not from a model (OWASP LLM09), and split words for a keyword index:
// NUL, soft hyphen, zero-width and invisible operators, byte order marks, and the tag characters of "ASCII smuggling".
// One class of UTF-16 units, for this looks at every character of every document: the tag characters begin with U+DB40.
const suspicious = new RegExp(
  `[\\0\\r${escapeCharacter}${introducer}\\u00ad\\u200b-\\u200d\\u2060-\\u2064\\ufeff\\udb40]`,
);
const alwaysInvisible = /[\0\u00ad\u200b\u2060-\u2064\ufeff]/g;

// Two kinds of joiner are spelling, not hiding: U+200D between the parts of one emoji, and both joiners inside words of
// scripts that are written with them. Anywhere else they go.
const joiningScripts = ["Arabic", "Syriac", "Mongolian", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya"]
  .concat(["Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala", "Khmer", "Myanmar", "Tibetan"])
  .map((script) => `\\p{Script_Extensions=${script}}`)
  .join("");
/** Made for the first text with a joiner: classes of so many scripts take a millisecond of each start. */
let joining: { readonly before: RegExp; readonly after: RegExp } | undefined;
// Long enough for a base with its variation selector and skin tone, in UTF-16 units.
const joinerContext = 6;

function keptJoiner(joiner: string, offset: number, text: string): string {
  const before = text.slice(Math.max(0, offset - joinerContext), offset);
  const after = text.slice(offset + 1, offset + 1 + joinerContext);
  const inEmoji =
    /(?:\p{Extended_Pictographic}\uFE0F?\p{Emoji_Modifier}?)$/u.test(before) &&
    /^\p{Extended_Pictographic}/u.test(after);
  if (joiner === "\u200d" && inEmoji) return joiner;
  joining ??= { before: new RegExp(`[${joiningScripts}]$`, "u"), after: new RegExp(`^[${joiningScripts}]`, "u") };
  return joining.before.test(before) && joining.after.test(after) ? joiner : "";
}

// Tag characters spell the flags of England, Scotland and Wales after a black flag; elsewhere they are hidden text.
const flagOrTags = /(\u{1f3f4}[\u{e0061}-\u{e007a}]{1,6}\u{e007f})|[\u{e0000}-\u{e007f}]+/gu;

/**
 * Text as it is indexed: line ends are LF, lone surrogates become U+FFFD, and invisible characters that are no part of
 * the spelling are gone, and so is what steers a terminal. Cleaning clean text changes nothing.
 */
export function cleanText(text: string): string {
  const wellFormed = text.toWellFormed();
  if (!suspicious.test(wellFormed)) return wellFormed;
  return withoutEscapes(wellFormed)
    .replace(/\r\n?/g, "\n")
    .replace(alwaysInvisible, "")
    .replace(flagOrTags, (_match, flag: string | undefined) => flag ?? "")
    .replace(/[\u200c\u200d]+/g, (joiners) => joiners.charAt(0))
    .replace(/[\u200c\u200d]/g, keptJoiner);
}

/** Clean text on one line, at most 300 characters: for titles and headings. */
export function cleanLine(text: string): string {
  const line = cleanText(text)
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
  return line.length <= 300 ? line : `${line.slice(0, 299).toWellFormed()}…`;
}
