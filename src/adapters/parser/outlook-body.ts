import { IsthmusError } from "../../core/errors.ts";
import { decompressRtf } from "./rtf-compressed.ts";
import { htmlWithin } from "./rtf-html.ts";
import { rtfContent } from "./rtf-reader.ts";

/**
 * The body of a message that Outlook keeps as RTF alone: the page that it was made from, or its text; undefined where it is damaged.
 *
 * @param name how messages call the file.
 */
export function rtfBody(bytes: Uint8Array, name: string): { readonly text: string; readonly html: string } | undefined {
  const rtf = decompressRtf(bytes);
  if (!rtf) return undefined;
  const html = htmlWithin(rtf);
  if (html !== undefined) return { text: "", html };
  try {
    return { text: rtfContent(rtf, name).text, html: "" };
  } catch (error) {
    if (error instanceof IsthmusError) return undefined;
    throw error;
  }
}
