import { IsthmusError } from "../../../core/errors.ts";
import { createConnection } from "./connection.ts";
import { serverFailure } from "./failures.ts";
import { messagesOf } from "./http.ts";
import type { WeaviateSettings } from "./settings.ts";

/** Texts come a page at a time; memory does not grow with the collection. */
const objectsPerPage = 500;

/** One object of a collection, whoever made it. */
export interface ExportedObject {
  readonly id: string;
  /** Of the property asked for. */
  readonly text: string;
  /** Its other properties, as far as they are text, number or boolean. */
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
}

/**
 * Every object of a collection, in the order of their ids, with one property as its text. Objects without that text are
 * left out.
 *
 * @throws `store_missing` where there is no such collection, `store_denied`, `store_unavailable`.
 */
export async function* exportObjects(
  settings: WeaviateSettings,
  collection: string,
  property: string,
  signal?: AbortSignal,
): AsyncGenerator<ExportedObject> {
  const connection = createConnection(settings, "read");
  try {
    let after = "";
    for (;;) {
      const query = new URLSearchParams({ class: collection, limit: String(objectsPerPage), after });
      const answer = await connection.http.send("GET", `/v1/objects?${query}`, undefined, signal);
      if (answer.status === 404) throw noCollection(settings, collection);
      if (answer.status === 422) throw refused(settings, collection, messagesOf(answer));
      if (answer.status !== 200) throw serverFailure(messagesOf(answer), settings.url);
      const { objects = [] } = answer.body as { objects?: { id: string; properties?: Record<string, unknown> }[] };
      for (const { id, properties = {} } of objects) {
        const { [property]: text, ...others } = properties;
        if (typeof text === "string" && text.trim() !== "") yield { id, text, metadata: plain(others) };
      }
      const last = objects.at(-1);
      if (last === undefined) return;
      after = last.id;
    }
  } finally {
    connection.close();
  }
}

function plain(properties: Record<string, unknown>): ExportedObject["metadata"] {
  const kept = Object.entries(properties).filter(
    (entry): entry is [string, string | number | boolean] =>
      typeof entry[1] === "string" || typeof entry[1] === "number" || typeof entry[1] === "boolean",
  );
  return Object.fromEntries(kept);
}

function refused(settings: WeaviateSettings, collection: string, reason: string): IsthmusError {
  return new IsthmusError(
    "store_failed",
    `Weaviate at ${settings.url} does not list the collection ${JSON.stringify(collection)}: ${reason}.`,
  );
}

function noCollection(settings: WeaviateSettings, collection: string): IsthmusError {
  return new IsthmusError(
    "store_missing",
    `Weaviate at ${settings.url} has no collection ${JSON.stringify(collection)}; name another with --collection.`,
  );
}
