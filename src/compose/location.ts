import { statSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Manifest } from "../core/ports.ts";

/** What a person means by a path or URI in the index. */
export interface Named {
  /** A URI, or a prefix. */
  readonly uri: string;
  /** One document has exactly this URI, and it alone is meant. */
  readonly exact: boolean;
}

/**
 * Finds what a person named: the document of that very name, else what lies in the folder of that name (which may be gone
 * from the disk, and may be written without its slash). A URI that is neither is a plain prefix.
 */
export async function namedIn(manifest: Pick<Manifest, "entries">, location: string): Promise<Named> {
  const uri = toUri(location);
  if (uri === "" || uri.endsWith("/")) return { uri, exact: false };
  const [entry] = await manifest.entries([uri]);
  if (entry?.current?.state === "indexed" || entry?.failure !== undefined) return { uri, exact: true };
  return { uri: isUri(location) && !isFolder(uri) ? uri : `${uri}/`, exact: false };
}

/** A path as the URI that its documents have; `file://` before a readable path is one too. Other URIs stay as they are. */
export function toUri(location: string): string {
  if (/^gs:\/\//i.test(location)) return bucketUri(location);
  if (isUri(location)) return location.startsWith("file://") ? encodedFileUri(location) : location;
  const uri = pathToFileURL(resolve(location)).href;
  return /[\\/]$/.test(location) && !uri.endsWith("/") ? `${uri}/` : uri;
}

function isUri(location: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(location);
}

/** The names of objects are in their URIs as they are. A bucket alone is all that is in it, and no other that begins alike. */
function bucketUri(location: string): string {
  const uri = `gs://${location.slice("gs://".length)}`;
  return uri.indexOf("/", "gs://".length) < 0 ? `${uri}/` : uri;
}

/** Commands print paths readably, so they come back with spaces and other letters that a URI escapes. */
function encodedFileUri(location: string): string {
  // With an escape, or nothing that would need one, it is a URI already.
  if (/%[0-9a-f]{2}/i.test(location) || /^[\w.~!$&'()*+,;=:@/#?-]*$/.test(location)) return location;
  // On Windows the path of such a URI begins "/C:/".
  return pathToFileURL(location.slice("file://".length).replace(/^\/(?=[a-z]:)/i, "")).href;
}

function isFolder(uri: string): boolean {
  try {
    return statSync(fileURLToPath(uri)).isDirectory();
  } catch {
    return false;
  }
}
