import { sep } from "node:path";
import { RowSet } from "./row-set.ts";
import { openScanDatabase, removeScanDatabase, type ScanDatabase } from "./scan-database.ts";

/**
 * Remembers the hash of every file read, under a stamp of its size, times and inode, so that an unchanged folder is not
 * read again. Only what has settled is stored (see file-version.ts), so what is found can be trusted. It is a cache and
 * no more: missing, damaged or on a full disk, it costs time and never an error.
 */
export interface ScanCache {
  lookup(path: string, stamp: string): string | undefined;
  store(path: string, stamp: string, hash: string): void;
  /** The stored hash has proved wrong. */
  forget(path: string): void;
  /** Begins to note which entries are met. */
  beginSweep(): Sweep;
  close(): void;
}

export interface Sweep {
  /** After a listing without gaps: drops the entries under `folder` that were not met. */
  finish(folder: string): void;
  /** Always last, whether finished or not. */
  end(): void;
}

const writesPerTransaction = 256;
const rowsPerPage = 1000;
const nothingStored: ScanCache = {
  lookup: () => undefined,
  store: () => {},
  forget: () => {},
  beginSweep: () => ({ finish: () => {}, end: () => {} }),
  close: () => {},
};

/** @param file where the cache lives; made if missing. Without one nothing is remembered. */
export function createScanCache(file: string | undefined): ScanCache {
  if (file === undefined) return nothingStored;
  let database: ScanDatabase | undefined;
  let rebuilds = 1;
  let waiting = new Map<string, { path: string; stamp: string; hash: string }>();
  const sweeps = new Set<RowSet>();

  const attempt = <Result>(work: (database: ScanDatabase) => Result, otherwise: Result): Result => {
    if (database === undefined) return otherwise;
    try {
      return work(database);
    } catch (thrown) {
      if (!isBusy(thrown)) abandon(isDamage(thrown));
      return otherwise;
    }
  };
  const open = () => {
    try {
      database = openScanDatabase(file);
    } catch (thrown) {
      if (isDamage(thrown)) abandon(true);
    }
  };
  /** Goes on without a cache; a damaged one is begun anew, once. */
  const abandon = (damaged: boolean) => {
    try {
      database?.close();
    } catch {
      // It is given up anyhow.
    }
    database = undefined;
    // Row numbers of the new file would mean others to a sweep under way: it must not go by them.
    for (const met of sweeps) sweeps.delete(met);
    if (!damaged || rebuilds-- <= 0) return;
    try {
      removeScanDatabase(file);
    } catch {
      return; // Not ours to remove: work without.
    }
    open();
  };
  const flush = () => {
    const entries = [...waiting.values()];
    waiting = new Map();
    if (entries.length === 0) return;
    const rows = attempt((opened) => opened.write(entries), []);
    for (const met of sweeps) for (const row of rows) met.add(row);
  };
  open();

  return {
    lookup(path, stamp) {
      const fresh = waiting.get(path);
      if (fresh !== undefined) return fresh.stamp === stamp ? fresh.hash : undefined;
      const found = attempt((opened) => opened.find(path, stamp), undefined);
      if (found === undefined) return undefined;
      for (const met of sweeps) met.add(found.row);
      return found.hash;
    },
    store(path, stamp, hash) {
      waiting.set(path, { path, stamp, hash });
      if (waiting.size >= writesPerTransaction) flush();
    },
    forget(path) {
      // A stamp that no file has.
      this.store(path, "", "");
    },
    beginSweep() {
      const met = new RowSet();
      sweeps.add(met);
      return {
        finish(folder) {
          flush();
          if (sweeps.has(met)) attempt((opened) => dropOthers(opened, folder, met), undefined);
        },
        end() {
          flush();
          sweeps.delete(met);
        },
      };
    },
    close() {
      flush();
      attempt((opened) => opened.close(), undefined);
      database = undefined;
    },
  };
}

function dropOthers(database: ScanDatabase, folder: string, met: RowSet): void {
  const prefix = folder.endsWith(sep) ? folder : folder + sep;
  const end = prefix.slice(0, -1) + String.fromCharCode(sep.charCodeAt(0) + 1);
  if (database.count(prefix, end) <= met.size) return;
  let after = prefix;
  for (;;) {
    const page = database.page(after, end, rowsPerPage);
    const last = page.at(-1);
    if (last === undefined) return;
    database.remove(page.filter(({ row }) => !met.has(row)).map(({ row }) => row));
    after = last.path;
  }
}

function errorNumber(thrown: unknown): number {
  if (!(thrown instanceof Error) || !("errcode" in thrown) || typeof thrown.errcode !== "number") return 0;
  return thrown.errcode & 0xff; // The rest of an extended code tells the kind.
}

/** SQLITE_BUSY, SQLITE_LOCKED: another process is writing. */
function isBusy(thrown: unknown): boolean {
  return [5, 6].includes(errorNumber(thrown));
}

/** SQLITE_CORRUPT, SQLITE_NOTADB; or SQLITE_ERROR, as for a table that is not what the format says. */
function isDamage(thrown: unknown): boolean {
  return [1, 11, 26].includes(errorNumber(thrown));
}
