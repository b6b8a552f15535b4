import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { stat } from "node:fs/promises";
import type { Semaphore } from "../../core/concurrency.ts";
import { type ObjectRef, unreadVersion } from "../../core/types.ts";
import { throwIfCancelled } from "./file-errors.ts";
import { fileUri } from "./file-uri.ts";
import { endsFile, openFile } from "./open-file.ts";
import type { OwnFiles } from "./own-files.ts";
import type { ScanCache } from "./scan-cache.ts";

/** Filesystems keep times in steps of up to two seconds (FAT): a later change within one step would not show in them. */
const settledAfterMs = 2000;
const blockBytes = 256 * 1024;
/** The greatest time that a `Date` can hold; a file's can be greater. */
const greatestDate = 8.64e15;

/**
 * The live file at `path` with the SHA-256 of its bytes as version, from the cache where the file's stamp says that
 * nothing has changed; undefined when no ordinary file is there.
 * @param hashing bounds how many files are read at once.
 * @param mayRead asked before a file of so many bytes is read; where not, its version is `unreadVersion`.
 * @param own files that are taken for nothing, and never opened.
 * @throws as the system does (`ENOENT`, `EACCES`, …), `cancelled`.
 */
export async function fileVersion(
  path: string,
  cache: ScanCache,
  hashing: Semaphore,
  signal?: AbortSignal,
  mayRead: (bytes: number) => boolean = () => true,
  own?: Pick<OwnFiles, "has">,
): Promise<ObjectRef | undefined> {
  throwIfCancelled(signal);
  const stats = await stat(path, { bigint: true });
  if (!stats.isFile() || own?.has(stats) === true) return undefined;
  const known = cache.lookup(path, stampOf(stats));
  if (known !== undefined) return toRef(path, stats, Number(stats.size), known);
  if (!mayRead(Number(stats.size))) return toRef(path, stats, Number(stats.size), unreadVersion);
  const release = await hashing.acquire();
  try {
    // Taken before the file is opened: whatever changes from here on gets a time that is not settled.
    const startedAt = Date.now();
    const hashed = await hashFile(path, signal);
    if (hashed === undefined) return undefined;
    if (isSettled(hashed.stats, startedAt)) cache.store(path, stampOf(hashed.stats), hashed.hash);
    return toRef(path, hashed.stats, hashed.size, hashed.hash);
  } finally {
    release();
  }
}

/** All that moves when a file is written, replaced, or put back with its old times (the change time cannot be set). */
function stampOf(stats: BigIntStats): string {
  return `${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}:${stats.ino}`;
}

function isSettled(stats: BigIntStats, now: number): boolean {
  return Math.max(Number(stats.mtimeMs), Number(stats.ctimeMs)) < now - settledAfterMs;
}

function toRef(path: string, stats: BigIntStats, size: number, version: string): ObjectRef {
  const modified = Math.min(Math.max(Number(stats.mtimeMs), -greatestDate), greatestDate);
  const digest = version === unreadVersion ? {} : { digest: `sha256:${version}` };
  return { uri: fileUri(path), version, size, updatedAt: new Date(modified).toISOString(), ...digest };
}

async function hashFile(
  path: string,
  signal: AbortSignal | undefined,
): Promise<{ stats: BigIntStats; size: number; hash: string } | undefined> {
  const file = await openFile(path);
  if (file === undefined) return undefined;
  try {
    const hash = createHash("sha256");
    const buffer = Buffer.allocUnsafe(Math.min(blockBytes, Number(file.stats.size) + 1));
    let size = 0;
    for (;;) {
      throwIfCancelled(signal);
      const count = await file.read(buffer);
      hash.update(buffer.subarray(0, count));
      size += count;
      if (endsFile(file, size, buffer.length, count)) return { stats: file.stats, size, hash: hash.digest("hex") };
    }
  } finally {
    file.close();
  }
}
