import { createWriteStream, existsSync } from "node:fs";
import { link, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import type { Settings } from "../config/settings.ts";
import { makeFolder } from "./folder.ts";

/** Unfinished files begin so: names with a dot are no documents, and nobody reads them. */
const unfinished = ".unfinished-";
/** What a server that was killed left unfinished goes after so long; a younger one may be another server's. */
const unfinishedMs = 3_600_000;
/** Bytes of a name: file systems take 255. */
const mostNameBytes = 200;

/** There is no room for a file: `limit`, of what may be kept in all; `disk`, of the machine. */
export class NoRoom extends Error {
  readonly of: "limit" | "disk";
  constructor(of: "limit" | "disk", cause?: unknown) {
    super(`There is no room for a file (${of}).`, { cause });
    this.of = of;
  }
}

/**
 * Files that came over the API. They lie in a folder of the data folder, which is a place of its own: no scan of another place takes
 * them for gone, and nothing is ever written into a person's folders.
 */
interface Uploads {
  readonly folder: string;
  /**
   * The file's place once it is whole; what breaks off leaves nothing.
   *
   * @returns its URI; undefined where the name is taken.
   * @throws `NoRoom`
   */
  keep(
    name: string,
    bytes: AsyncIterable<Uint8Array>,
    options: { readonly replace: boolean },
  ): Promise<string | undefined>;
  has(uri: string): boolean;
  /** Removes the file. */
  drop(uri: string): Promise<void>;
}

export function openUploads({
  dataDir,
  maxUploadsBytes = Number.POSITIVE_INFINITY,
}: Pick<Settings, "dataDir"> & Partial<Pick<Settings, "maxUploadsBytes">>): Uploads {
  const folder = join(dataDir, "uploads");
  const scope = `${pathToFileURL(folder).href}/`;
  let count = 0;
  let arriving = 0;
  /** Bytes of all files, those that are just arriving too; counted anew when nothing arrives. */
  let used = 0;

  async function* counted(bytes: AsyncIterable<Uint8Array>, most: number, took: (bytes: number) => void) {
    for await (const part of bytes) {
      took(part.byteLength);
      used += part.byteLength;
      if (used > most) throw new NoRoom("limit");
      yield part;
    }
  }

  return {
    folder,
    async keep(name, bytes, { replace }) {
      await makeFolder(folder);
      await sweep(folder);
      const place = join(folder, name);
      if (!replace && existsSync(place)) return undefined;
      if (arriving++ === 0) used = await sizeOf(folder);
      const draft = join(folder, `${unfinished}${process.pid}-${++count}`);
      // What it takes the place of leaves its room to it.
      const given = replace ? await bytesOf(place) : 0;
      let own = 0;
      let kept = false;
      try {
        const parts = counted(bytes, maxUploadsBytes + given, (taken) => {
          own += taken;
        });
        await pipeline(
          Readable.from(parts, { objectMode: false }),
          createWriteStream(draft, { flags: "wx", flush: true }),
        );
        if (replace) await rename(draft, place);
        else if (!(await placeNew(draft, place))) return undefined;
        kept = true;
      } catch (error) {
        throw isFull(error) ? new NoRoom("disk", error) : error;
      } finally {
        arriving--;
        used -= kept ? given : own;
        await rm(draft, { force: true });
      }
      return pathToFileURL(place).href;
    },
    has: (uri) => uri.startsWith(scope) && !uri.slice(scope.length).includes("/"),
    async drop(uri) {
      await rm(new URL(uri), { force: true });
    },
  };
}

/** A disk, a quota or a limit of the operating system is used up. */
function isFull(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG";
}

async function bytesOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder)) bytes += await bytesOf(join(folder, name));
  return bytes;
}

/** False where another of this name has come meanwhile. */
async function placeNew(draft: string, place: string): Promise<boolean> {
  try {
    await link(draft, place);
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    if (error.code === "EEXIST") return false;
    // A file system without links.
    if (error.code !== "EPERM" && error.code !== "ENOTSUP" && error.code !== "ENOSYS") throw error;
    if (existsSync(place)) return false;
    await rename(draft, place);
    return true;
  }
}

/** Whether there is anything to scan. */
export function hasUploads(settings: Pick<Settings, "dataDir">): boolean {
  return existsSync(openUploads(settings).folder);
}

async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(unfinished)) continue;
    const path = join(folder, name);
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (age > unfinishedMs) await rm(path, { force: true });
  }
}

/**
 * A name that every file system takes and that shows as it is: no folders, nothing invisible, nothing that turns the direction of
 * writing, no dot in front, which would hide the file.
 *
 * @returns undefined where nothing is left of it.
 */
export function safeName(name: string): string | undefined {
  const own = name.split(/[/\\]/).at(-1) ?? "";
  const plain = own
    .normalize("NFC")
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "")
    .replace(/[:*?"<>|\uFFFD]/g, "_")
    .replace(/^[.\s]+|[.\s]+$/g, "");
  const [, stem = "", end = ""] = /^(.*?)(\.[\p{L}\p{N}]{1,16})?$/su.exec(plain) ?? [];
  const characters = Array.from(stem);
  while (Buffer.byteLength(characters.join("") + end) > mostNameBytes) characters.pop();
  const kept = characters.join("").trimEnd();
  if (kept === "" || plain === "node_modules") return undefined;
  // Names of devices, on Windows.
  return /^(con|prn|aux|nul|com\d|lpt\d)$/i.test(kept) ? `_${kept}${end}` : kept + end;
}
