import { validateSearch } from "../../../core/filter.ts";
import type { StoreReader } from "../../../core/ports.ts";
import { createPatience, retrying } from "../../../core/retry.ts";
import type { ModelIdentity } from "../../../core/types.ts";
import { checkCollections } from "./collections.ts";
import type { Connection } from "./connection.ts";
import { aborted } from "./failures.ts";
import { createManifest } from "./manifest.ts";
import { passagesOf } from "./passages.ts";
import { createSearch } from "./search.ts";
import type { WeaviateSettings } from "./settings.ts";
import { termWeights } from "./term-weights.ts";

/** A person waits: a connection that broke is tried again at once, and no outage is waited out. */
const impatience = { attempts: 3, baseMs: 50, maxMs: 250 } as const;
/** But for a moment nodes may come and go, and a load balancer be late to know: then what fails at once is tried on for so long. */
const moment = { totalMs: 1_500, baseMs: 50, maxMs: 400 } as const;

export function createReader(connection: Connection, settings: WeaviateSettings, identity: ModelIdentity): StoreReader {
  const manifest = createManifest(connection, settings);
  const search = createSearch(connection, manifest, settings);
  const patience = createPatience(moment);
  const soon = async <Result>(operation: () => Promise<Result>, signal?: AbortSignal) => {
    try {
      return await patience.bear(() => retrying(operation, { ...impatience, ...(signal && { signal }) }), signal);
    } catch (error) {
      throw signal?.aborted === true ? aborted(signal, error) : error;
    }
  };
  return {
    async search(query, signal, onTurnedAway) {
      validateSearch(query, identity.dimensions, settings.rangeKeys);
      return await soon(() => search(query, signal, onTurnedAway), signal);
    },
    termWeights: (terms, hits, signal) =>
      soon(() => termWeights(connection, manifest, settings, { terms, hits }, signal), signal),
    passages: (uri, from, limit, signal) =>
      soon(() => passagesOf(connection, manifest, settings, { uri, from, limit }, signal), signal),
    async check(signal) {
      await soon(() => checkCollections(connection.http, settings, identity, signal), signal);
      await soon(() => manifest.recorded(["isthmus:check"], signal), signal);
    },
    held: (prefix, signal) => manifest.held(prefix, signal),
    verified: (signal) => soon(() => manifest.verified(signal), signal),
    entries: (uris, signal) => soon(() => manifest.entries(uris, signal), signal),
    page: (prefix, after, limit, signal) => soon(() => manifest.page(prefix, after, limit, signal), signal),
    count: (prefix, signal) => soon(() => manifest.count(prefix, signal), signal),
    async close() {
      connection.close();
    },
  };
}
