import { isUtf8 } from "node:buffer";
import { lstat, readdir } from "node:fs/promises";
import { sep } from "node:path";
import { IsthmusError } from "../../core/errors.ts";
import type { ListingFault } from "../../core/ports.ts";
import { quoted } from "./file-errors.ts";
import { rawUri } from "./file-uri.ts";

/** Whether a name may have lost something in decoding: U+FFFD stands for bytes that are not UTF-8, or for itself. */
export function isForeign(name: string): boolean {
  return name.includes("\uFFFD") || !name.isWellFormed();
}

/** A folder's names that cannot be taken as they decode: the real ones among them, and a fault for each that is not UTF-8. */
export interface ForeignNames {
  readonly valid: ReadonlySet<string>;
  readonly faults: readonly ListingFault[];
}

/**
 * Reads a folder's names as bytes. Linux allows any bytes in a name; one that is not UTF-8 has no URI that leads back to
 * it, so it is told instead of read.
 */
export async function foreignNames(folder: string): Promise<ForeignNames> {
  const valid = new Set<string>();
  const faults: ListingFault[] = [];
  for (const bytes of await readdir(folder, { encoding: "buffer" })) {
    if (!isUtf8(bytes)) {
      const uri = rawUri(folder, bytes);
      const isFolder = await isFolderAt(Buffer.concat([Buffer.from(folder + sep), bytes]));
      faults.push({ kind: "fault", uri: isFolder ? `${uri}/` : uri, error: notUtf8(folder, bytes) });
    } else {
      const name = bytes.toString("utf8");
      if (isForeign(name)) valid.add(name);
    }
  }
  return { valid, faults };
}

async function isFolderAt(path: Buffer): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch {
    return false;
  }
}

function notUtf8(folder: string, name: Buffer): IsthmusError {
  // Bytes beyond ASCII as \xHH: what `ls -b` and a shell's $'…' use, so that the name can be found and renamed.
  const shown = Array.from(name, (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`,
  ).join("");
  return new IsthmusError(
    "source_unreadable",
    `The name ${shown} in the folder ${quoted(folder)} is not valid UTF-8: rename it, and it will be read.`,
  );
}
