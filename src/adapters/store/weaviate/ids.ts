import { sha256, uuidV5 } from "../../../core/identity.ts";
import { attemptKey } from "../../../core/order.ts";
import type { Attempt, DocumentRow } from "../../../core/types.ts";

/** The namespace of our object ids in Weaviate: any fixed UUID serves; this one was drawn once. */
const namespace = "0c3b5b3e-7a5d-4f0b-9a77-5d2f6f8e41c9";

/** Names an attempt in every chunk it wrote: 32 hex digits. */
export function attemptId(attempt: Attempt): string {
  return sha256(attemptKey(attempt)).slice(0, 32);
}

/**
 * The same chunk of the same attempt is the same object, so that writing it again changes nothing. Of another attempt it
 * is another object: a restored older version must not take the chunks away that still answer.
 */
export function chunkObjectId(attempt: string, chunkId: string): string {
  return uuidV5(namespace, JSON.stringify(["chunk", attempt, chunkId]));
}

/** One immutable row for each commit. */
export function rowObjectId(row: DocumentRow): string {
  return uuidV5(namespace, JSON.stringify(["row", row.state, attemptKey(row)]));
}

export function failureObjectId(uri: string): string {
  return uuidV5(namespace, JSON.stringify(["failure", uri]));
}

/**
 * What a URI is looked up and sorted by: its UTF-8 bytes in hex. Weaviate trims and folds text here and there, reads `*`
 * and `?` in a prefix as wildcards, and sorts without regard to case; hex digits are safe from all of it, and sort as
 * code points do.
 */
export function uriKey(uri: string): string {
  return Buffer.from(uri, "utf8").toString("hex");
}
