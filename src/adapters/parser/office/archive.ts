import { crc32 } from "node:zlib";
import { type Entry, fromBufferPromise } from "yauzl";
import { IsthmusError } from "../../../core/errors.ts";

interface ArchiveLimits {
  /** Of all that is read, inflated. */
  readonly maxBytes: number;
  /** Inflated to compressed bytes of one entry. Text of office documents stays well under 100. */
  readonly maxRatio: number;
  /** Entries smaller than this, inflated, may have any ratio. */
  readonly ratioFromBytes: number;
  readonly maxEntries: number;
}

const defaults: ArchiveLimits = {
  maxBytes: 192 * 1024 * 1024,
  maxRatio: 200,
  ratioFromBytes: 4 * 1024 * 1024,
  maxEntries: 10_000,
};

/** A document that is a zip of parts. Names are compared without regard to case, as Office does. */
export interface Archive {
  /** As spelled in the file, in its order. */
  readonly names: readonly string[];
  has(name: string): boolean;
  /** The bytes of a part as they inflate; nothing for a part that is not there. */
  stream(name: string): AsyncIterable<Uint8Array>;
  read(name: string): Promise<Buffer>;
}

const endRecord = Buffer.from("PK\x05\x06", "latin1");
const endRecordBytes = 22;

/** Without what follows the end of the zip, as Office opens it: downloads and mail programs append bytes. */
function withoutTail(bytes: Buffer): Buffer {
  const at = bytes.lastIndexOf(endRecord);
  if (at === -1 || at + endRecordBytes > bytes.length) return bytes;
  const end = at + endRecordBytes + bytes.readUInt16LE(at + endRecordBytes - 2);
  return end < bytes.length ? bytes.subarray(0, end) : bytes;
}

const spelled = (raw: Buffer): string => raw.toString("utf8").replaceAll("\\", "/").replace(/^\/+/, "");

/**
 * Opens a zip without inflating anything. What is read later is counted as it really comes out, whatever the headers
 * claim, and held against its checksum.
 *
 * @param name how messages call the document.
 * @throws `parse_limit` past a limit, `parse_encrypted` for encrypted entries, and yauzl's errors for a broken archive.
 */
export async function openArchive(
  bytes: Uint8Array,
  name: string,
  given: Partial<ArchiveLimits> = {},
): Promise<Archive> {
  const limits = { ...defaults, ...given };
  const tooMuch = (what: string): IsthmusError =>
    new IsthmusError("parse_limit", `${name} expands to ${what}: it is damaged, or made to exhaust its reader.`);
  // Names are decoded here: yauzl refuses a whole archive for one odd name, and nothing is written to a disk.
  const zip = await fromBufferPromise(withoutTail(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)), {
    lazyEntries: true,
    decodeStrings: false,
  });
  const entries = new Map<string, Entry>();
  const names: string[] = [];
  for await (const entry of zip.eachEntry()) {
    if (names.length >= limits.maxEntries) throw tooMuch(`more than ${limits.maxEntries} files`);
    const part = spelled(entry.fileNameRaw);
    names.push(part);
    entries.set(part.toLowerCase(), entry);
  }
  let total = 0;

  async function* stream(part: string): AsyncGenerator<Uint8Array> {
    const entry = entries.get(part.toLowerCase());
    if (!entry) return;
    if (entry.isEncrypted()) {
      const message = `${name} is encrypted. Save a copy without a password and ingest that.`;
      throw new IsthmusError("parse_encrypted", message);
    }
    let size = 0;
    let sum = 0;
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
      size += chunk.length;
      total += chunk.length;
      if (total > limits.maxBytes) throw tooMuch(`more than ${limits.maxBytes} bytes`);
      if (size > limits.ratioFromBytes && size > entry.compressedSize * limits.maxRatio) {
        throw tooMuch(`more than ${limits.maxRatio} times its size`);
      }
      sum = crc32(chunk, sum);
      yield chunk;
    }
    // Half a document must not pass for a whole one.
    if (sum !== entry.crc32) throw new Error("a part does not have its checksum");
  }

  return {
    names,
    has: (part) => entries.has(part.toLowerCase()),
    stream,
    async read(part) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream(part)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
  };
}
