import { fileName } from "../../core/file-name.ts";
import { cleanLine } from "./clean.ts";

/** Lower case, without the dot; "" where the name has none (`README`, `.gitignore`). */
export function fileExtension(uri: string): string {
  const name = fileName(uri).trim();
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : "";
}

/** A title for a document that has none of its own: the file name without its extension, on one line. */
export function titleFromUri(uri: string): string {
  const name = fileName(uri).trim();
  const dot = name.lastIndexOf(".");
  return cleanLine(dot > 0 ? name.slice(0, dot) : name);
}

/** The file name as messages show it: quoted, with line breaks and control characters escaped. */
export function quotedName(uri: string): string {
  return JSON.stringify(fileName(uri));
}
