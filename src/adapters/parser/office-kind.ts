import type { FileKind } from "./file-kinds.ts";
import { beginsWithHeader, binaryContent, looksLikePage, sniffKind } from "./magic.ts";

/** Kinds that Office programs open, and open whatever the file is called. */
export const officeKinds: ReadonlySet<FileKind> = new Set<FileKind>([
  "docx",
  "xlsx",
  "ods",
  "pptx",
  "odt",
  "odp",
  "epub",
]);

/** Whether the first line has tabs: what exports call XLS often is a table with tabs. */
function isTabbed(head: Uint8Array): boolean {
  const [line = ""] = Buffer.from(head)
    .toString("latin1")
    .replaceAll("\0", "")
    .split(/[\r\n]/);
  return line.includes("\t");
}

/**
 * What a file is read as that is called an Office document: programs export web pages, tables and RTF under these names,
 * and Office opens them all the same; and other mail programs than Outlook, and catalogs of a program's words, end in `.msg`.
 *
 * @param kind by name or declared type.
 * @param head the first bytes, up to 4,096.
 */
export function officeKind(kind: FileKind, head: Uint8Array): FileKind {
  if (kind === "msg" && head.length > 0 && binaryContent(head) === undefined)
    return beginsWithHeader(head) ? "mail" : (sniffKind(head) ?? "text");
  if (!officeKinds.has(kind) || head.length === 0) return kind;
  const sniffed = sniffKind(head);
  if (sniffed) return sniffed;
  if (binaryContent(head) !== undefined) return kind;
  if (looksLikePage(head)) return "html";
  if (kind !== "xlsx" && kind !== "ods") return "text";
  return isTabbed(head) ? "tsv" : "csv";
}
