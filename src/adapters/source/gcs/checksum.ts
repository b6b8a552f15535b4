import { createHash } from "node:crypto";
import { crc32c } from "./crc32c.ts";

/** The checksum of an object while its stored bytes go by. */
export interface Checksum {
  readonly name: "md5" | "crc32c";
  update(bytes: Uint8Array): void;
  /** Whether these were the bytes. */
  matches(): boolean;
}

/**
 * @param header `x-goog-hash`: `crc32c=…,md5=…`, each in base64. MD5 is the faster one here; objects that were composed
 *   or uploaded in parts have CRC-32C alone.
 * @returns undefined where it names no checksum.
 */
export function checksumOf(header: string): Checksum | undefined {
  const find = (name: string) => new RegExp(`(?:^|,)\\s*${name}=([A-Za-z0-9+/=]+)`).exec(header)?.[1];
  const md5 = find("md5");
  if (md5 !== undefined) {
    const hash = createHash("md5");
    return { name: "md5", update: (bytes) => void hash.update(bytes), matches: () => hash.digest("base64") === md5 };
  }
  const expected = find("crc32c");
  if (expected === undefined) return undefined;
  let crc = 0;
  return {
    name: "crc32c",
    update(bytes) {
      crc = crc32c(bytes, crc);
    },
    matches() {
      const bigEndian = Buffer.alloc(4);
      bigEndian.writeUInt32BE(crc);
      return bigEndian.toString("base64") === expected;
    },
  };
}
