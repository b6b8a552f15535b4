import type { IncomingMessage } from "node:http";
import type { IsthmusError } from "../../../core/errors.ts";
import type { ObjectRef } from "../../../core/types.ts";
import { type Checksum, checksumOf } from "./checksum.ts";
import { type GcsClient, isMissed } from "./client.ts";
import { objectChanged, unreachable } from "./failures.ts";

/** One version of an object, as it is stored. */
export interface StoredBytes {
  /** `gzip` for bytes that their writer packed. Known once the first piece was asked for. */
  readonly encoding: string;
  /** The next piece; undefined after the last one, when length and checksum were found right. */
  next(): Promise<Uint8Array | undefined>;
  close(): void;
}

/**
 * Reads the stored bytes of exactly `ref.version`. A connection that breaks is followed by one that goes on where it
 * broke, so that a large object needs no unbroken one; the pin holds for each of them.
 * @throws `source_changed` for an object that is another or gone, and for bytes that are not those of the checksum (the
 *   engine reads them again); `source_unavailable`, `source_unreadable`, `cancelled`.
 */
export function openStoredBytes(
  client: GcsClient,
  place: { readonly bucket: string; readonly name: string },
  ref: ObjectRef,
  signal: AbortSignal | undefined,
): StoredBytes {
  let body: AsyncGenerator<Uint8Array> | undefined;
  let checksum: Checksum | undefined;
  let encoding = "";
  let offset = 0;
  let end: "whole" | IsthmusError | undefined;

  async function open(): Promise<AsyncGenerator<Uint8Array>> {
    const response = await client.bytes(ref.uri, {
      path: ["b", place.bucket, "o", place.name],
      query: { alt: "media", ifGenerationMatch: ref.version },
      headers: {
        // As stored: without it the server unpacks, and then neither length nor checksum fit.
        "accept-encoding": "gzip",
        ...(offset > 0 && { range: `bytes=${offset}-` }),
      },
      signal,
    });
    if (isMissed(response)) throw objectChanged(ref.uri, "was overwritten or removed while it was read");
    const fault = mismatch(response, ref, offset);
    if (fault !== undefined) {
      response.destroy();
      throw fault;
    }
    checksum ??= checksumOf(header(response, "x-goog-hash"));
    encoding = header(response, "x-goog-stored-content-encoding") || header(response, "content-encoding");
    return client.body(response);
  }

  /** One try; a broken connection is given up, and the next try opens another. */
  async function pull(): Promise<Uint8Array | undefined> {
    body ??= await open();
    try {
      const { value, done } = await body.next();
      if (done !== true) return value;
    } catch (thrown) {
      body = undefined;
      throw signal?.aborted === true ? thrown : unreachable(ref.uri, thrown);
    }
    if (offset === ref.size) return undefined;
    body = undefined;
    throw unreachable(ref.uri, `it ended after ${offset} of ${ref.size} bytes`);
  }

  return {
    get encoding() {
      return encoding;
    },
    async next() {
      if (end !== undefined) return ended(end);
      const piece = await client.retrying(pull, signal);
      if (piece === undefined) {
        end = checksum?.matches() === true ? "whole" : damaged(ref, checksum);
        return ended(end);
      }
      offset += piece.length;
      if (offset > ref.size) throw objectChanged(ref.uri, `is longer than the ${ref.size} bytes it was listed with`);
      checksum?.update(piece);
      return piece;
    },
    close() {
      // Not awaited: a body in the middle of its wait would only come to its end by itself.
      void body?.return(undefined).catch(() => undefined);
    },
  };
}

function ended(end: "whole" | IsthmusError): undefined {
  if (end !== "whole") throw end;
}

function damaged(ref: ObjectRef, checksum: Checksum | undefined): IsthmusError {
  const what = checksum === undefined ? "came without a checksum" : `did not match its ${checksum.name} checksum`;
  return objectChanged(ref.uri, `${what} (generation ${ref.version}, damaged on the way)`);
}

/** Why this is not the answer to the question, if it is not. */
function mismatch(response: IncomingMessage, ref: ObjectRef, offset: number): IsthmusError | undefined {
  const generation = header(response, "x-goog-generation");
  if (generation !== "" && generation !== ref.version) {
    return objectChanged(ref.uri, `was overwritten (generation ${generation} instead of ${ref.version})`);
  }
  if (offset > 0 && response.statusCode !== 206) {
    return unreachable(ref.uri, "the answer began at the first byte instead of where the last one broke");
  }
  return undefined;
}

function header(response: IncomingMessage, name: string): string {
  return String(response.headers[name] ?? "");
}
