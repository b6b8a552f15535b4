import { cleanLine } from "./clean.ts";
import type { PdfDocument } from "./pdf-document.ts";
import type { EmbeddedPart } from "./sandbox-protocol.ts";
import { numberedName, uniqueIds } from "./unique-ids.ts";

/** The files attached to a document, for the parsers of their kinds, and how many could not be had. */
export async function attachedFiles(pdf: PdfDocument): Promise<{ parts: readonly EmbeddedPart[]; lost: number }> {
  // A broken list of attachments must not cost the text.
  const listed = await pdf.getAttachments().catch(() => null);
  const parts: EmbeddedPart[] = [];
  const idOf = uniqueIds(numberedName);
  let lost = 0;
  for (const [key, { filename }] of listed ?? []) {
    const content: unknown = await pdf.getAttachmentContent(key).catch(() => undefined);
    if (!(content instanceof Uint8Array)) {
      lost += 1;
      continue;
    }
    const name = idOf(cleanLine(filename).replace(/[\\/#]/g, "_") || "file");
    parts.push({ kind: "part", id: `attachments/${name}`, bytes: new Uint8Array(content) });
  }
  return { parts, lost };
}
