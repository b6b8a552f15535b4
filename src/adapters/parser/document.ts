import { IsthmusError } from "../../core/errors.ts";
import type { Metadata, ParsedDocument, Section } from "../../core/types.ts";
import { trimmedRange } from "./sections.ts";

/** One record of a file that holds many: its whole text is one section without a heading. */
export function recordDocument(id: string, title: string, text: string, metadata: Metadata = {}): ParsedDocument {
  const range = trimmedRange(text, 0, text.length);
  return { kind: "document", id, title, text, sections: range ? [{ heading: "", ...range }] : [], metadata };
}

/**
 * A file that is one document.
 *
 * @param name how the message calls it.
 * @throws `content_empty` where no section holds any text.
 */
export function wholeDocument(
  name: string,
  content: { title: string; text: string; sections: readonly Section[]; metadata?: Metadata },
): ParsedDocument {
  if (content.sections.length === 0) {
    throw new IsthmusError("content_empty", `${name} holds no text: nothing but white space or markup.`);
  }
  return { kind: "document", metadata: {}, ...content };
}
