import { randomBytes } from "node:crypto";
import { sha256, uuidV5 } from "../../../core/identity.ts";
import type { Attempt, DocumentRow } from "../../../core/types.ts";

/** The namespace of our object ids in Weaviate: any fixed UUID serves; this one was drawn once. */
const namespace = "0c3b5b3e-7a5d-4f0b-9a77-5d2f6f8e41c9";

/** A name for an attempt, that every chunk of it bears: 32 hex digits, drawn anew for each. */
export function newAttemptId(): string {
  return randomBytes(16).toString("hex");
}

/** The name that attempts had before each had one of its own: a digest of what they set out to write. */
export function formerAttemptId({ uri, order, version, fingerprint }: Attempt): string {
  return sha256(JSON.stringify([uri, order.generation, order.reindex, version, fingerprint])).slice(0, 32);
}

/**
 * The same chunk of the same attempt is the same object, so that a request can be sent again. Of another attempt it is
 * another object: what one attempt takes away, no other misses.
 */
export function chunkObjectId(attempt: string, chunkId: string): string {
  return uuidV5(namespace, JSON.stringify(["chunk", attempt, chunkId]));
}

/** One immutable row for each commit. A tombstone has no attempt; the same one twice is the same row. */
export function rowObjectId(row: DocumentRow): string {
  if (row.state === "indexed") return attemptRowObjectId(row.attempt);
  const { uri, order, state } = row;
  return uuidV5(namespace, JSON.stringify(["row", state, uri, order.generation, order.reindex]));
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

export function heldObjectId(uri: string): string {
  return uuidV5(namespace, JSON.stringify(["held", uri]));
}

/** Where the last verification is kept in the manifest. */
export const verificationObjectId = uuidV5(namespace, JSON.stringify(["verification"]));

/** Of the row that commits an attempt. */
export function attemptRowObjectId(attempt: string): string {
  return uuidV5(namespace, JSON.stringify(["row", "indexed", attempt]));
}
