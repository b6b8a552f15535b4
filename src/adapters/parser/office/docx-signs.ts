import { isPictureFont, pictured } from "../picture-fonts.ts";
import { childOf, type XmlElement } from "./xml.ts";

/** What elements of a run show that hold no text. */
export const signs: Readonly<Record<string, string>> = {
  "w:tab": "\t",
  "w:ptab": "\t",
  "w:br": "\n",
  "w:cr": "\n",
  "w:noBreakHyphen": "-",
};

/** The text of a run in the font that it names. */
export function inFont(text: string, runProperties: XmlElement | undefined): string {
  const fonts = childOf(runProperties, "w:rFonts")?.attributes;
  const font = fonts?.["w:ascii"] ?? fonts?.["w:hAnsi"] ?? "";
  if (!isPictureFont(font)) return text;
  return [...text].map((sign) => pictured(font, sign.codePointAt(0) ?? 0) || sign).join("");
}

/** The sign that a run shows by its font and number; "" for one that means nothing outside its font. */
export function symbol(element: XmlElement): string {
  const code = Number.parseInt(element.attributes["w:char"] ?? "", 16);
  if (!(code <= 0x10ffff)) return "";
  const known = pictured(element.attributes["w:font"] ?? "", code);
  if (known !== "") return known;
  // Private code points mean nothing outside their font.
  return (code >= 0xe000 && code <= 0xf8ff) || code < 0x20 ? "" : String.fromCodePoint(code);
}
