import { sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The URI of a file by its absolute path: the identity of its document. */
export function fileUri(path: string): string {
  return pathToFileURL(path).href;
}

/** The URI of a folder by its absolute path; always ends in "/". */
export function folderUri(path: string): string {
  const uri = fileUri(path);
  return uri.endsWith("/") ? uri : `${uri}/`;
}

/**
 * The path of a file's URI, or undefined when it is not the one URI that a listing gives for a path: another scheme, a
 * folder, dots in the path, other letters escaped. So one file never has two identities.
 */
export function pathOfUri(uri: string): string | undefined {
  if (uri.endsWith("/")) return undefined;
  try {
    const path = fileURLToPath(uri);
    return fileUri(path) === uri ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Whether `path` is `folder` or lies under it; both absolute and normalised. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The URI of a name that is not UTF-8 and so has no path: its bytes, escaped. */
export function rawUri(folder: string, name: Uint8Array): string {
  const escaped = Array.from(name, (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`);
  return folderUri(folder) + escaped.join("");
}
