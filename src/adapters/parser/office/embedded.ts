import type { ParseFault } from "../../../core/types.ts";
import type { Relationship } from "./package.ts";

const named = 5;

/** The files of other programs that a part holds (sheets in a report, objects of OLE), by their names; what draws a chart is none. */
export function embeddedFiles(relationships: readonly Relationship[]): string[] {
  return relationships
    .filter(({ type, isExternal }) => (type === "package" || type === "oleObject") && !isExternal)
    .map(({ target }) => target.slice(target.lastIndexOf("/") + 1));
}

/** @param place where they are; "" for the document. */
export function embeddedFault(files: readonly string[], place = ""): ParseFault[] {
  if (files.length === 0) return [];
  const some = files.slice(0, named).join(", ") + (files.length > named ? ", …" : "");
  const reason = `${files.length === 1 ? "A file of another program is" : `${files.length} files of other programs are`} embedded and ${files.length === 1 ? "was" : "were"} not read (${some}): save them as files of their own, and ingest them too.`;
  return [{ kind: "fault", id: place || "embedded files", code: "content_lost", reason }];
}
