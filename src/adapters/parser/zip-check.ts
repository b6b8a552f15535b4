import { type Entry, fromBuffer, type ZipFile } from "yauzl";
import { IsthmusError } from "../../core/errors.ts";

interface ZipLimits {
  /** Of all entries together, inflated. */
  readonly maxBytes: number;
  /** Inflated to compressed bytes of one entry. Text of office documents stays well under 100. */
  readonly maxRatio: number;
  /** Entries smaller than this, inflated, may have any ratio. */
  readonly ratioFromBytes: number;
  readonly maxEntries: number;
}

const defaults: ZipLimits = {
  maxBytes: 192 * 1024 * 1024,
  maxRatio: 200,
  ratioFromBytes: 4 * 1024 * 1024,
  maxEntries: 10_000,
};

function open(bytes: Uint8Array): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    fromBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), { lazyEntries: true }, (error, zip) => {
      if (error) reject(error);
      else resolve(zip);
    });
  });
}

function entryStream(zip: ZipFile, entry: Entry): Promise<AsyncIterable<Uint8Array>> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) reject(error);
      else resolve(stream);
    });
  });
}

/**
 * Inflates every entry and counts what really comes out, whatever the headers claim; nothing is kept.
 *
 * @throws `parse_limit` past a limit, `parse_encrypted` for encrypted entries, and yauzl's errors for a broken archive.
 */
export async function checkZip(bytes: Uint8Array, name: string, given: Partial<ZipLimits> = {}): Promise<void> {
  const limits = { ...defaults, ...given };
  const tooMuch = (what: string): IsthmusError =>
    new IsthmusError("parse_limit", `${name} expands to ${what}: it is damaged, or made to exhaust its reader.`);
  const zip = await open(bytes);
  let total = 0;
  let entries = 0;
  for await (const entry of zip.eachEntry()) {
    entries += 1;
    if (entries > limits.maxEntries) throw tooMuch(`more than ${limits.maxEntries} files`);
    if (entry.isEncrypted()) {
      throw new IsthmusError(
        "parse_encrypted",
        `${name} is encrypted. Save a copy without a password and ingest that.`,
      );
    }
    let size = 0;
    for await (const chunk of await entryStream(zip, entry)) {
      size += chunk.length;
      total += chunk.length;
      if (total > limits.maxBytes) throw tooMuch(`more than ${limits.maxBytes} bytes`);
      if (size > limits.ratioFromBytes && size > entry.compressedSize * limits.maxRatio) {
        throw tooMuch(`more than ${limits.maxRatio} times its size`);
      }
    }
  }
}
