import type { Store } from "../../../core/ports.ts";
import { retrying, untilAborted } from "../../../core/retry.ts";
import { createAudit } from "./audit.ts";
import { checkCollections, ensureCollections } from "./collections.ts";
import { type Connection, createConnection } from "./connection.ts";
import { createReader } from "./reader.ts";
import { manifestCollection, type WeaviateSettings } from "./settings.ts";
import { createWriter } from "./writer.ts";

/** A server that is just starting gets this long before a writer gives up. */
const opening = { attempts: 8, baseMs: 250, maxMs: 5_000 } as const;

export interface WeaviateStore extends Store {
  /** Opens the connection of the next reader ahead, without a key. For speed alone: where it fails, the reader tells. */
  prepareReader(): Promise<void>;
}

/** Weaviate as the store: gRPC for objects and searches, HTTP for the schema. */
export function createWeaviateStore(settings: WeaviateSettings): WeaviateStore {
  let prepared: Connection | undefined;
  return {
    name: "weaviate",
    async openWriter(identity, signal) {
      const connection = createConnection(settings, "write");
      try {
        const open = async () => {
          await connection.connect();
          await ensureCollections(connection.http, settings, identity);
        };
        await untilAborted(retrying(open, { ...opening, ...(signal && { signal }) }), signal);
        return createWriter(connection, settings, identity);
      } catch (error) {
        connection.close();
        throw error;
      }
    },
    async openAudit(identity, _mode, signal) {
      const connection = createConnection(settings, "write");
      try {
        const checked = checkCollections(connection.http, settings, identity, signal);
        await untilAborted(Promise.all([checked, connection.connect()]), signal);
        return createAudit(connection, settings, identity);
      } catch (error) {
        connection.close();
        throw error;
      }
    },
    async prepareReader() {
      prepared ??= createConnection(settings, "read");
      await prepared.connect();
    },
    async openReader(identity, signal) {
      const connection = prepared ?? createConnection(settings, "read");
      prepared = undefined;
      try {
        const checked = checkCollections(connection.http, settings, identity, signal);
        await untilAborted(Promise.all([checked, connection.connect()]), signal);
        return createReader(connection, settings, identity);
      } catch (error) {
        connection.close();
        throw error;
      }
    },
  };
}

/** Removes both collections with all that is in them. For collections of one's own making only. */
export async function dropCollections(settings: WeaviateSettings): Promise<void> {
  const connection = createConnection(settings, "write");
  try {
    for (const name of [settings.collection, manifestCollection(settings)]) {
      await connection.http.send("DELETE", `/v1/schema/${encodeURIComponent(name)}`);
    }
  } finally {
    connection.close();
  }
}
