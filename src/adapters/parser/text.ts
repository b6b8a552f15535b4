import type { Parser } from "../../core/ports.ts";
import { cleanText } from "./clean.ts";
import { declaredEncoding } from "./declared-encoding.ts";
import { decodeText, lostCharacters } from "./decode.ts";
import { wholeDocument } from "./document.ts";
import { joinedText, shownText } from "./plain-text.ts";
import { readWhole } from "./read-whole.ts";
import { sectionsOf } from "./sections.ts";
import { fileExtension, quotedName, titleFromUri } from "./source-name.ts";

/** Plain text, source code, logs, configuration: one document with one section, titled by its file name. */
export function createTextParser(maxFileBytes: number): Parser {
  return {
    name: "text",
    version: 5,
    records: false,
    async *parse(input) {
      const name = quotedName(input.uri);
      const bytes = await readWhole(input, maxFileBytes);
      const decoded = await decodeText(bytes, { declared: declaredEncoding(bytes) });
      const text = joinedText(cleanText(shownText(decoded.text)), fileExtension(input.uri));
      yield wholeDocument(name, { title: titleFromUri(input.uri), text, sections: sectionsOf(text, []) });
      const lost = lostCharacters(decoded);
      if (lost) yield lost;
    },
  };
}
