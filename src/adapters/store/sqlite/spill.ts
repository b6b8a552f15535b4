import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ListingSpill } from "../../../core/ports.ts";
import type { ObjectRef } from "../../../core/types.ts";
import { storeFailure } from "./failures.ts";
import { createStatements, transaction } from "./statements.ts";

const NAME = /^listing-(\d+)-[0-9a-f]+\.sqlite$/;

/**
 * A listing in a temporary SQLite file of `directory`, which is created if need be. The file goes with `close`; files
 * of processes that died before theirs are swept here.
 * @throws `store_full`, `store_denied` as the index itself does.
 */
export function createListingSpill(directory: string): ListingSpill {
  const file = join(directory, `listing-${process.pid}-${randomBytes(6).toString("hex")}.sqlite`);
  const guarded = <Value>(body: () => Value): Value => {
    try {
      return body();
    } catch (thrown) {
      throw storeFailure(thrown, file);
    }
  };
  const database = guarded(() => openSpill(directory, file));
  const prepare = createStatements(database);
  let count = 0;
  let bytes = 0;

  function addElsewhere(ref: ObjectRef): void {
    prepare("INSERT OR IGNORE INTO elsewhere (uri, digest) VALUES (?, ?)").run(ref.uri, ref.digest ?? null);
  }

  function addOne(ref: ObjectRef): void {
    const known = prepare("SELECT size FROM listed WHERE uri = ?").get(ref.uri);
    if (known === undefined) count++;
    else bytes -= Number(known["size"]);
    bytes += ref.size;
    prepare("INSERT OR REPLACE INTO listed (uri, size, digest, ref) VALUES (?, ?, ?, ?)").run(
      ref.uri,
      ref.size,
      ref.digest ?? null,
      JSON.stringify(ref),
    );
  }

  return {
    add: (refs) => guarded(() => transaction(database, "write", () => refs.forEach(addOne))),
    addElsewhere: (refs) => guarded(() => transaction(database, "write", () => refs.forEach(addElsewhere))),
    page(after, limit) {
      return guarded(() => {
        const rows =
          after === undefined
            ? prepare("SELECT ref FROM listed ORDER BY uri LIMIT ?").all(limit)
            : prepare("SELECT ref FROM listed WHERE uri > ? ORDER BY uri LIMIT ?").all(after, limit);
        return rows.map((row) => JSON.parse(String(row["ref"])) as ObjectRef);
      });
    },
    present(uris) {
      return guarded(() => {
        const asked = JSON.stringify(uris);
        const rows = prepare(
          `SELECT uri FROM listed WHERE uri IN (SELECT value FROM json_each(?))
           UNION SELECT uri FROM elsewhere WHERE uri IN (SELECT value FROM json_each(?))`,
        ).all(asked, asked);
        return new Set(rows.map((row) => String(row["uri"])));
      });
    },
    contents(digests) {
      return guarded(() => {
        const asked = JSON.stringify(digests);
        const rows = prepare(
          `SELECT digest FROM listed WHERE digest IN (SELECT value FROM json_each(?))
           UNION SELECT digest FROM elsewhere WHERE digest IN (SELECT value FROM json_each(?))`,
        ).all(asked, asked);
        return new Set(rows.map((row) => String(row["digest"])));
      });
    },
    remove: (uri) =>
      guarded(() => {
        const known = prepare("DELETE FROM listed WHERE uri = ? RETURNING size").get(uri);
        if (known === undefined) return;
        count--;
        bytes -= Number(known["size"]);
      }),
    hide: (place) => guarded(() => void prepare("INSERT OR IGNORE INTO hidden (place) VALUES (?)").run(place)),
    hidden(uris) {
      return guarded(() => {
        const isHidden = prepare("SELECT 1 FROM hidden WHERE place IN (SELECT value FROM json_each(?)) LIMIT 1");
        return new Set(uris.filter((uri) => isHidden.get(JSON.stringify(placesOf(uri))) !== undefined));
      });
    },
    get count() {
      return count;
    },
    get bytes() {
      return bytes;
    },
    close() {
      if (!database.isOpen) return;
      database.close();
      rmSync(file, { force: true });
    },
  };
}

/** The URI itself, and every prefix of it that ends in "/", the one with a slash behind the whole included. */
function placesOf(uri: string): string[] {
  const places = [uri, `${uri}/`];
  for (let slash = uri.indexOf("/"); slash >= 0; slash = uri.indexOf("/", slash + 1))
    places.push(uri.slice(0, slash + 1));
  return places;
}

function openSpill(directory: string, file: string): DatabaseSync {
  mkdirSync(directory, { recursive: true });
  sweep(directory);
  const database = new DatabaseSync(file);
  // Lost with the process anyway, so neither a journal on disk nor a flush buys anything. (Without any journal would do
  // too, but the connection's defensive mode forbids that.)
  database.exec(`
    PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
    CREATE TABLE listed (uri TEXT PRIMARY KEY, size INTEGER NOT NULL, digest TEXT, ref TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX listed_digest ON listed (digest) WHERE digest IS NOT NULL;
    CREATE TABLE elsewhere (uri TEXT PRIMARY KEY, digest TEXT) WITHOUT ROWID;
    CREATE INDEX elsewhere_digest ON elsewhere (digest) WHERE digest IS NOT NULL;
    CREATE TABLE hidden (place TEXT PRIMARY KEY) WITHOUT ROWID;
  `);
  return database;
}

function sweep(directory: string): void {
  for (const name of readdirSync(directory)) {
    const owner = NAME.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) rmSync(join(directory, name), { force: true });
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (thrown) {
    // A process of another user cannot be signalled, and lives.
    return thrown instanceof Error && "code" in thrown && thrown.code === "EPERM";
  }
}
