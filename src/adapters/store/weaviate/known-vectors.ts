import { createBatcher } from "../../../core/batcher.ts";
import { fromBytes } from "../vector-bytes.ts";
import type { Connection } from "./connection.ts";
import { anyOf } from "./filters.ts";
import type { Objects } from "./objects.ts";
import type { Pace } from "./pace.ts";
import { fieldsOf } from "./properties.ts";
import type { WeaviateSettings } from "./settings.ts";

const hashesPerRequest = 256;
const requestsInFlight = 2;
/** The same text may stand in many chunks; some room keeps one text from hiding another. */
const room = 64;

/** Vectors of texts that the collection holds already, by their hash. */
export function createKnownVectors(
  connection: Connection,
  settings: WeaviateSettings,
  objects: Objects,
  pace: Pace,
): (textHashes: readonly string[], signal?: AbortSignal) => Promise<Map<string, Float32Array>> {
  async function lookUp(textHashes: readonly string[]): Promise<Map<string, Float32Array>> {
    const known = new Map<string, Float32Array>();
    let wanted = [...textHashes];
    while (wanted.length > 0) {
      const limit = wanted.length + room;
      const reply = await objects.patiently(() =>
        connection.call((client, options) =>
          client.search(
            {
              collection: settings.collection,
              limit,
              uses127Api: true,
              properties: { nonRefProperties: ["textHash"] },
              metadata: { vector: true },
              filters: anyOf("textHash", wanted),
            },
            options,
          ),
        ),
      );
      for (const result of reply.results) {
        const bytes = result.metadata?.vectorBytes;
        if (bytes !== undefined && bytes.length > 0) known.set(fieldsOf(result).text("textHash"), fromBytes(bytes));
      }
      const left = wanted.filter((hash) => !known.has(hash));
      // A full answer may have hidden some of them; an answer that brought nothing new will not bring them either.
      if (reply.results.length < limit || left.length === wanted.length) break;
      wanted = left;
    }
    return known;
  }

  const batched = createBatcher<readonly string[], Map<string, Float32Array>>(
    {
      most: hashesPerRequest,
      inFlight: requestsInFlight,
      weigh: (hashes) => hashes.length,
      pace,
      askers: settings.wire,
    },
    async (lists) => {
      const known = await lookUp([...new Set(lists.flat())]);
      return lists.map((hashes) => {
        const found = new Map<string, Float32Array>();
        for (const hash of hashes) {
          const vector = known.get(hash);
          if (vector !== undefined) found.set(hash, vector);
        }
        return found;
      });
    },
  );
  return async (textHashes, signal) => (textHashes.length === 0 ? new Map() : await batched(textHashes, signal));
}
