import { IsthmusError } from "../../core/errors.ts";
import { inScope } from "../../core/ingest/scope.ts";
import type { ListedObject, Source } from "../../core/ports.ts";
import { record } from "../../core/record.ts";
import type { RetryPolicy } from "../../core/retry.ts";
import type { ObjectRef } from "../../core/types.ts";
import { throwIfCancelled } from "./file-errors.ts";
import { createGcsClient, isMissed } from "./gcs/client.ts";
import { applicationDefaultCredentials, type Credentials } from "./gcs/credentials.ts";
import { gcsUri, nameOfUri, parseLocation } from "./gcs/location.ts";
import { objectFields, toObjectRef } from "./gcs/objects.ts";
import { openStoredBytes } from "./gcs/stored-bytes.ts";
import { unpacked } from "./gcs/unpacked.ts";

const endpoint = "https://storage.googleapis.com";
/** As many as the API gives at once. */
const objectsPerPage = 1000;

export interface GcsSourceOptions {
  /** An emulator's address, asked without credentials: `http://127.0.0.1:4443`. */
  readonly emulator?: string | undefined;
  /** The project that pays where the bucket's readers do. */
  readonly userProject?: string | undefined;
  readonly retry?: Partial<RetryPolicy>;
  /** Without a byte for so long, a connection is given up; default a minute. */
  readonly silenceMs?: number;
  /** Another endpoint with credentials; for tests. */
  readonly endpoint?: string;
  readonly credentials?: Credentials;
}

/**
 * A bucket, what lies under a prefix that ends in "/", or one object. The version is the generation; only live objects
 * count. Reads are pinned to their generation and checked against the object's checksum.
 * Left out: the empty objects with which tools mark folders.
 * @param location `gs://bucket`, `gs://bucket/prefix/` or `gs://bucket/object`.
 * @throws `source_not_found` for a missing bucket or object, `source_unreadable` without the right to it,
 *   `source_unavailable`, `config_invalid`.
 */
export async function createGcsSource(location: string, options: GcsSourceOptions = {}): Promise<Source> {
  const { bucket, name } = parseLocation(location);
  const { emulator, userProject, silenceMs, retry = {} } = options;
  const credentials = emulator === undefined ? (options.credentials ?? applicationDefaultCredentials()) : undefined;
  const client = createGcsClient(
    { endpoint: emulator ?? options.endpoint ?? endpoint, credentials, userProject, silenceMs },
    retry,
  );
  const scope = gcsUri(bucket, name);

  async function page(query: Record<string, string | undefined>, signal?: AbortSignal) {
    const answer = await client.json(`the objects of ${scope}`, { path: ["b", bucket, "o"], query, signal });
    if (isMissed(answer)) throw bucketMissing(bucket);
    const { items, nextPageToken } = record(answer);
    return {
      items: Array.isArray(items) ? items : [],
      next: typeof nextPageToken === "string" && nextPageToken !== "" ? nextPageToken : undefined,
    };
  }

  async function find(object: string, signal?: AbortSignal): Promise<ObjectRef | undefined> {
    const path = ["b", bucket, "o", object];
    const answer = await client.json(gcsUri(bucket, object), { path, query: { fields: objectFields }, signal });
    if (!isMissed(answer)) return toObjectRef(bucket, answer);
    // A bucket that is gone says nothing of its objects, and answers alike.
    await page({ maxResults: "1", prefix: object, fields: "kind" }, signal);
    return undefined;
  }

  async function* list(signal?: AbortSignal): AsyncGenerator<ListedObject> {
    throwIfCancelled(signal);
    if (!scope.endsWith("/")) {
      const ref = await find(name, signal);
      if (ref === undefined) throw await objectMissing();
      yield { kind: "object", ref };
      return;
    }
    const query = { prefix: name, maxResults: String(objectsPerPage), fields: `nextPageToken,items(${objectFields})` };
    let pageToken: string | undefined;
    do {
      const { items, next } = await page({ ...query, pageToken }, signal);
      for (const item of items) {
        throwIfCancelled(signal);
        const ref = toObjectRef(bucket, item);
        if (ref !== undefined) yield { kind: "object", ref };
      }
      pageToken = next;
    } while (pageToken !== undefined);
  }

  async function objectMissing(): Promise<IsthmusError> {
    const { items } = await page({ prefix: `${name}/`, maxResults: "1", fields: "items(name)" });
    return new IsthmusError(
      "source_not_found",
      items.length > 0
        ? `There is no object ${JSON.stringify(scope)}, but objects under it: write ${JSON.stringify(`${scope}/`)} for them.`
        : `There is no object ${JSON.stringify(scope)}: check its name. To remove it from the index: isthmus delete ${JSON.stringify(scope)}.`,
    );
  }

  const source: Source = {
    scope,
    list,
    async head(uri) {
      const object = inScope(uri, scope) ? nameOfUri(uri, bucket) : undefined;
      return object === undefined ? undefined : await find(object);
    },
    async *read(ref, signal) {
      throwIfCancelled(signal);
      const object = inScope(ref.uri, scope) ? nameOfUri(ref.uri, bucket) : undefined;
      if (object === undefined) {
        throw new IsthmusError("source_not_found", `${ref.uri} does not belong to the source ${scope}.`);
      }
      for await (const piece of unpacked(ref.uri, openStoredBytes(client, { bucket, name: object }, ref, signal))) {
        throwIfCancelled(signal);
        yield piece;
      }
    },
    async close() {
      client.close();
    },
  };

  try {
    // What is named wrongly is told before anything is indexed.
    if (scope.endsWith("/")) await page({ prefix: name, maxResults: "1", fields: "kind" });
    else if ((await find(name)) === undefined) throw await objectMissing();
    return source;
  } catch (thrown) {
    client.close();
    throw thrown;
  }
}

function bucketMissing(bucket: string): IsthmusError {
  return new IsthmusError(
    "source_not_found",
    `There is no bucket ${bucket}: check the name, and the project it is in.`,
  );
}
