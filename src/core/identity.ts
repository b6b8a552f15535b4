import { hash } from "node:crypto";
import type { Attempt, ModelIdentity } from "./types.ts";

/** The namespace of chunk ids: any fixed UUID serves; this one was drawn once. */
const chunkNamespace = "5b0c3a52-6e0f-4d58-9c0e-0d9a1f3a7c11";

/** SHA-256 of a text (UTF-8), hex. */
export function sha256(text: string): string {
  return hash("sha256", text);
}

/** A name-based UUID, version 5 (RFC 9562, section 5.5). */
export function uuidV5(namespace: string, name: string): string {
  const named = Buffer.concat([Buffer.from(namespace.replaceAll("-", ""), "hex"), Buffer.from(name, "utf8")]);
  const bytes = hash("sha1", named, "buffer").subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** The same chunk of the same version, made by the same pipeline, has the same id wherever and whenever it is made. */
export function chunkId(attempt: Pick<Attempt, "uri" | "version" | "fingerprint">, ordinal: number): string {
  return uuidV5(chunkNamespace, JSON.stringify([attempt.uri, attempt.version, attempt.fingerprint, ordinal]));
}

/** Names everything that shapes a document's chunks; a change of any part re-indexes what it must. */
export function pipelineFingerprint(parts: {
  readonly registry: string;
  readonly chunker: string;
  readonly analyzer: string;
  readonly identity: ModelIdentity;
}): string {
  const { model, dimensions, revision } = parts.identity;
  return sha256(JSON.stringify([parts.registry, parts.chunker, parts.analyzer, model, dimensions, revision])).slice(
    0,
    16,
  );
}
