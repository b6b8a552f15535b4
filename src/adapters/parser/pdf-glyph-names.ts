// How fonts call their glyphs (Adobe's glyph list), as far as variants of them occur: `three.os`, `a.sc`, `f_f_i.liga`.
const names: Readonly<Record<string, string>> = {
  zero: "0",
  one: "1",
  two: "2",
  three: "3",
  four: "4",
  five: "5",
  six: "6",
  seven: "7",
  eight: "8",
  nine: "9",
  period: ".",
  comma: ",",
  colon: ":",
  semicolon: ";",
  hyphen: "-",
  parenleft: "(",
  parenright: ")",
  slash: "/",
  percent: "%",
  ampersand: "&",
  dollar: "$",
  question: "?",
  exclam: "!",
  quoteright: "’",
  quoteleft: "‘",
  ff: "ff",
  fi: "fi",
  fl: "fl",
  ffi: "ffi",
  ffl: "ffl",
  germandbls: "ß",
  ae: "æ",
  oe: "œ",
  oslash: "ø",
};
const marks: Readonly<Record<string, string>> = {
  grave: "\u0300",
  acute: "\u0301",
  circumflex: "\u0302",
  tilde: "\u0303",
  dieresis: "\u0308",
  ring: "\u030a",
  caron: "\u030c",
  cedilla: "\u0327",
};
const accented = new RegExp(`^([A-Za-z])(${Object.keys(marks).join("|")})$`);

function letterOf(name: string): string | undefined {
  if (/^[A-Za-z]$/.test(name)) return name;
  const [, letter = "", mark = ""] = accented.exec(name) ?? [];
  return names[name] ?? (letter === "" ? undefined : (letter + (marks[mark] ?? "")).normalize("NFC"));
}

/**
 * What letter a glyph is whose name is a variant's: a font that has old style figures or small capitals calls them `three.os` and
 * `a.sc`, and says nothing else of them.
 *
 * @param given what the file says otherwise, and what is kept where the name does not help.
 */
export function letterOfGlyph(name: string, given: string): string {
  const dot = name.indexOf(".");
  if (dot < 1) return given;
  const letters = name.slice(0, dot).split("_").map(letterOf);
  return letters.includes(undefined) ? given : letters.join("");
}
