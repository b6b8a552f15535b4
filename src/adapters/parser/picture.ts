import { IsthmusError } from "../../core/errors.ts";
import type { Parser, TextRecognizer } from "../../core/ports.ts";
import type { Section } from "../../core/types.ts";
import { cleanText } from "./clean.ts";
import { wholeDocument } from "./document.ts";
import { pixelsOf } from "./picture-size.ts";
import { readWhole } from "./read-whole.ts";
import { quotedName, titleFromUri } from "./source-name.ts";

/** An A0 sheet of 300 dots an inch has 140 million; each takes some four bytes to read. */
const mostPixels = 200e6;
const signatures = ["\x89PNG\r\n", "\xff\xd8\xff", "II*\0", "MM\0*"];

/** Whether the first bytes are those of a picture that may hold a page: PNG, JPEG, TIFF. */
export function isPicture(head: Uint8Array): boolean {
  const start = Buffer.from(head.subarray(0, 8)).toString("latin1");
  return signatures.some((signature) => start.startsWith(signature));
}

/** A picture as one document: the text that OCR finds in it; of several pages each is a section. */
export function createPictureParser(recognizer: TextRecognizer, maxFileBytes: number): Parser {
  return {
    name: "picture",
    version: 2,
    records: false,
    async *parse(input) {
      const bytes = await readWhole(input, maxFileBytes);
      const name = quotedName(input.uri);
      if ((pixelsOf(bytes) ?? 0) > mostPixels) {
        const message = `${name} has more than ${mostPixels / 1e6} million pixels: save it smaller, or in parts.`;
        throw new IsthmusError("parse_limit", message);
      }
      const found = await recognizer.recognize(bytes, input.signal);
      const pages = found.split("\f").map((page) => cleanText(page).trim());
      const text = pages.filter((page) => page !== "").join("\n\n");
      if (text === "") throw new IsthmusError("content_no_text", `${name} is a picture in which OCR found no text.`);
      const isOne = pages.slice(1).every((page) => page === "");
      let end = -2;
      const sections = pages.flatMap((page, index): Section[] => {
        if (page === "") return [];
        const start = end + 2;
        end = start + page.length;
        return [{ heading: isOne ? "" : `Page ${index + 1}`, start, end }];
      });
      yield wholeDocument(name, { title: titleFromUri(input.uri), text, sections });
    },
  };
}
