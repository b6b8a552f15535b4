import type { Parser } from "../../core/ports.ts";
import { cleanText } from "./clean.ts";
import { decodeText } from "./decode.ts";
import { wholeDocument } from "./document.ts";
import { readWhole } from "./read-whole.ts";
import { sectionsOf } from "./sections.ts";
import { quotedName, titleFromUri } from "./source-name.ts";

/** Plain text, source code, logs, configuration: one document with one section, titled by its file name. */
export function createTextParser(maxFileBytes: number): Parser {
  return {
    name: "text",
    version: 1,
    records: false,
    async *parse(input) {
      const name = quotedName(input.uri);
      const text = cleanText(decodeText(await readWhole(input, maxFileBytes), name));
      yield wholeDocument(name, { title: titleFromUri(input.uri), text, sections: sectionsOf(text, []) });
    },
  };
}
