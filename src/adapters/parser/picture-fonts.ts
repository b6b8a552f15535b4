import { hex } from "dingbat-to-unicode";

const pictureFonts = /^(?:wingdings(?: [23])?|webdings|symbol|zapf ?dingbats)$/i;

/** Whether the letters of a font are pictures. */
export function isPictureFont(font: string): boolean {
  return pictureFonts.test(font);
}

/** A character of a font of pictures, as Unicode has it; "" for one that it has not. */
export function pictured(font: string, codePoint: number): string {
  const code = codePoint >= 0xf000 && codePoint <= 0xf0ff ? codePoint - 0xf000 : codePoint;
  return hex(font, code.toString(16).padStart(2, "0"))?.string ?? "";
}
