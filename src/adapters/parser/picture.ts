import { IsthmusError } from "../../core/errors.ts";
import type { Parser, TextRecognizer } from "../../core/ports.ts";
import { cleanText } from "./clean.ts";
import { wholeDocument } from "./document.ts";
import { readWhole } from "./read-whole.ts";
import { quotedName, titleFromUri } from "./source-name.ts";

const signatures = ["\x89PNG\r\n", "\xff\xd8\xff", "II*\0", "MM\0*"];

/** Whether the first bytes are those of a picture that may hold a page: PNG, JPEG, TIFF. */
export function isPicture(head: Uint8Array): boolean {
  const start = Buffer.from(head.subarray(0, 8)).toString("latin1");
  return signatures.some((signature) => start.startsWith(signature));
}

/** A picture as one document: the text that OCR finds in it. */
export function createPictureParser(recognizer: TextRecognizer, maxFileBytes: number): Parser {
  return {
    name: "picture",
    version: 1,
    records: false,
    async *parse(input) {
      const bytes = await readWhole(input, maxFileBytes);
      const text = cleanText(await recognizer.recognize(bytes, input.signal)).trim();
      const name = quotedName(input.uri);
      if (text === "") throw new IsthmusError("content_no_text", `${name} is a picture in which OCR found no text.`);
      const sections = [{ heading: "", start: 0, end: text.length }];
      yield wholeDocument(name, { title: titleFromUri(input.uri), text, sections });
    },
  };
}
