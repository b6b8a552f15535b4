import type { FileKind } from "./file-kinds.ts";
import { binaryContent, sniffKind } from "./magic.ts";

/** Kinds that Office programs open, and open whatever the file is called. */
export const officeKinds: ReadonlySet<FileKind> = new Set<FileKind>(["docx"]);

/**
 * What a file is read as that is called an Office document: programs export web pages, tables and RTF under these names,
 * and Office opens them all the same.
 *
 * @param kind by name or declared type.
 * @param head the first bytes, up to 4,096.
 */
export function officeKind(kind: FileKind, head: Uint8Array): FileKind {
  if (!officeKinds.has(kind) || head.length === 0) return kind;
  const sniffed = sniffKind(head);
  if (sniffed) return sniffed;
  return binaryContent(head) === undefined ? "text" : kind;
}
