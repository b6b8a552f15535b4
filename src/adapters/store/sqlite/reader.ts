import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { IsthmusError } from "../../../core/errors.ts";
import { validateSearch } from "../../../core/filter.ts";
import type { DocumentPassages, Hit, ModelIdentity, SearchQuery } from "../../../core/types.ts";
import { openForReading } from "./database.ts";
import { DamagedIndex, missing } from "./failures.ts";
import type { Interrupt } from "./interrupt.ts";
import { createManifestRows, type ManifestRows } from "./manifest-rows.ts";
import { createPassages } from "./passages.ts";
import { createSearch, type Search } from "./search.ts";
import { createStatements } from "./statements.ts";

/** The port `StoreReader` without the promises: what the reader's worker runs. */
export interface IndexReader extends Omit<ManifestRows, "current"> {
  search(query: SearchQuery): Hit[];
  termWeights(terms: readonly string[], hits: readonly Pick<Hit, "chunkId" | "uri">[]): number[][];
  passages(uri: string, from: number, limit: number): DocumentPassages | undefined;
  check(): void;
  /** Makes the first search as fast as the next. */
  warm(): void;
  close(): void;
}

export interface ReaderSettings {
  readonly file: string;
  readonly identity: ModelIdentity;
  readonly rangeKeys: readonly string[];
  /** Memory for pages of the file. */
  readonly cacheBytes: number;
}

interface Opened {
  readonly database: DatabaseSync;
  readonly manifest: ManifestRows;
  readonly search: Search;
  readonly passages: ReturnType<typeof createPassages>;
  readonly inode: string;
}

/**
 * Reads through one connection, and opens it anew when the file has been replaced by another (a restored copy, an index
 * built elsewhere and moved into place).
 */
export function createReader(settings: ReaderSettings, interrupt: Interrupt): IndexReader {
  let opened: Opened | undefined = openAll(settings, interrupt);

  function live(): Opened {
    const inode = inodeOf(settings.file);
    if (opened !== undefined && opened.inode === inode) return opened;
    opened?.database.close();
    opened = undefined;
    opened = openAll(settings, interrupt);
    return opened;
  }

  return {
    search(query) {
      validateSearch(query, settings.identity.dimensions, settings.rangeKeys);
      const { database, search } = live();
      try {
        return search.run(query);
      } catch (thrown) {
        throw brokenByDamage(thrown, database) ? new DamagedIndex("its indexes do not agree with each other") : thrown;
      }
    },
    termWeights: (terms, hits) => live().search.termWeights(terms, hits),
    passages: (uri, from, limit) => live().passages(uri, from, limit),
    warm: () => live().search.warm(),
    check() {
      live().manifest.count("\0");
    },
    verified: () => live().manifest.verified(),
    heldPage: (prefix, after, limit) => live().manifest.heldPage(prefix, after, limit),
    entries: (uris) => live().manifest.entries(uris),
    page: (prefix, after, limit) => live().manifest.page(prefix, after, limit),
    count: (prefix) => live().manifest.count(prefix),
    close() {
      opened?.database.close();
      opened = undefined;
    },
  };
}

/** Whether a search that broke one of its own rules did so because the file is damaged. Takes seconds on a large one. */
function brokenByDamage(thrown: unknown, database: DatabaseSync): boolean {
  if (!(thrown instanceof IsthmusError) || thrown.code !== "internal") return false;
  return database.prepare("PRAGMA integrity_check(1)").get()?.["integrity_check"] !== "ok";
}

function openAll({ file, identity, cacheBytes }: ReaderSettings, interrupt: Interrupt): Opened {
  // Looked up first: should the file be replaced in between, the next call sees it.
  const inode = inodeOf(file);
  const database = openForReading(file, identity, cacheBytes);
  const manifest = createManifestRows(createStatements(database));
  const search = createSearch(database, identity.dimensions, interrupt);
  return { database, manifest, search, passages: createPassages(database), inode };
}

function inodeOf(file: string): string {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  if (found === undefined) throw missing(file);
  return `${found.dev} ${found.ino}`;
}
