import { IsthmusError, present } from "../../../core/errors.ts";
import type { Connection } from "./connection.ts";
import { allOf, anyOf, likeKey } from "./filters.ts";
import { uriKey } from "./ids.ts";
import { fieldsOf } from "./properties.ts";
import { consistencyLevel, longestAnswer, objectsIn } from "./requests.ts";
import type { Filters } from "./rpc/weaviate_pb.ts";
import { manifestCollection, type WeaviateSettings } from "./settings.ts";

/** Rows read in one request, half of what an answer may hold: some may be added between the count and the reading. */
const rowsAtOnce = longestAnswer / 2;
const hexDigits = "0123456789abcdef";

/** Which objects of the manifest are walked through. */
export interface Walked {
  readonly states: readonly string[];
  /** What their keys begin with, before the URI's own. */
  readonly mark: string;
}

/** Rows and failures, under the keys of their URIs. */
export const documentsWalked: Walked = { states: ["indexed", "failed", "skipped"], mark: "" };

/**
 * Walks through the URIs of the manifest in the order of their code points, in lists of up to some thousand. The server
 * sorts, and compares, all that a filter passes for every single answer, so that asking it for page after page of a sorted
 * list costs the square of their number. Here the keys are divided by their next digit until a part is small enough to be
 * read whole; each part is read once.
 */
export function createUriWalk(connection: Connection, settings: WeaviateSettings, { states, mark }: Walked) {
  const keyOf = (uri: string): string => mark + uriKey(uri);
  const collection = manifestCollection(settings);

  /** Which rows there are; what they say is read, and compared between replicas, by whoever looks the URIs up. */
  async function find(filters: Filters, limit: number, ascending?: boolean): Promise<string[]> {
    const reply = await connection.call((client, options) =>
      client.search(
        {
          collection,
          limit,
          uses127Api: true,
          consistencyLevel: consistencyLevel("ONE"),
          properties: { nonRefProperties: ["uri"] },
          filters,
          ...(ascending !== undefined && { sortBy: [{ ascending, path: ["uriKey"] }] }),
        },
        options,
      ),
    );
    return reply.results.map((result) => fieldsOf(result).text("uri"));
  }

  async function count(filters: Filters): Promise<number> {
    const reply = await connection.call((client, options) =>
      client.aggregate({ collection, objectsCount: true, filters }, options),
    );
    return objectsIn(reply);
  }

  /** All URIs whose keys begin with `part` and come after `after`, ascending. */
  async function* walkPart(part: string, after: string): AsyncGenerator<string[]> {
    if (part < after && !after.startsWith(part)) return;
    const filters = allOf(likeKey(part), anyOf("state", states));
    if (filters === undefined) throw new IsthmusError("internal", "A part of the manifest has no filter.");
    if ((await count(filters)) <= rowsAtOnce) {
      const uris = new Map((await find(filters, longestAnswer)).map((uri) => [keyOf(uri), uri]));
      const keys = [...uris.keys()].filter((key) => key > after).sort();
      if (keys.length > 0) yield keys.map((key) => present(uris.get(key), `the URI of ${key}`));
      return;
    }
    const [[first], [last]] = await Promise.all([find(filters, 1, true), find(filters, 1, false)]);
    if (first === undefined || last === undefined) return;
    const shared = sharedStart(keyOf(first), keyOf(last));
    // A key that all others begin with lies in none of the parts below.
    if (keyOf(first) === shared && shared > after) yield [first];
    for (const digit of hexDigits) yield* walkPart(shared + digit, after);
  }

  return (prefix: string, after: string | undefined): AsyncGenerator<string[]> =>
    walkPart(keyOf(prefix), after === undefined ? "" : keyOf(after));
}

function sharedStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}
