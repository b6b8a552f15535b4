import { IsthmusError } from "../../core/errors.ts";

/** An entry of a tar archive, as its header has it. */
export interface TarEntry {
  readonly name: string;
  /** `0` is a file, `1` a hard link, `2` a symbolic link, `5` a folder; see POSIX.1-2024, pax, "ustar Interchange Format". */
  readonly type: string;
  /** What is left of it when the next entry is asked for is skipped. */
  readonly bytes: AsyncGenerator<Uint8Array>;
}

const blockSize = 512;
/** Of an extended header: a name is some hundred bytes long. */
const longestExtension = 1024 * 1024;

interface ByteReader {
  /** Some bytes, at most `max`; undefined at the end. */
  take(max: number): Promise<Uint8Array | undefined>;
}

function createByteReader(chunks: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = chunks[Symbol.asyncIterator]();
  let held: Uint8Array = new Uint8Array(0);
  return {
    async take(max) {
      while (held.length === 0) {
        const next = await iterator.next();
        if (next.done === true) return undefined;
        held = next.value;
      }
      const taken = held.subarray(0, max);
      held = held.subarray(taken.length);
      return taken;
    },
  };
}

/** @returns fewer bytes where the archive ends. */
async function exactly(reader: ByteReader, size: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for (let left = size; left > 0; ) {
    const part = await reader.take(left);
    if (part === undefined) break;
    parts.push(part);
    left -= part.length;
  }
  return Buffer.concat(parts);
}

/** Octal digits, or, for what those cannot hold, a binary number behind a set bit (GNU). NaN for neither. */
function numberField(field: Buffer): number {
  const first = field[0] ?? 0;
  if (first >= 0x80) {
    const value =
      BigInt(`0x${field.subarray(1).toString("hex")}`) + (BigInt(first & 0x7f) << BigInt(8 * (field.length - 1)));
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Number.NaN;
  }
  const digits = textField(field).trim();
  return /^[0-7]{0,24}$/.test(digits) ? Number.parseInt(digits || "0", 8) : Number.NaN;
}

function textField(field: Buffer): string {
  const end = field.indexOf(0);
  return (end === -1 ? field : field.subarray(0, end)).toString("utf8");
}

function isChecked(header: Buffer): boolean {
  const told = numberField(header.subarray(148, 156));
  let sum = 8 * 0x20;
  for (const [index, byte] of header.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum === told;
}

/** `28 path=some/name\n`, one after the other; each begins with its own length. */
function paxRecords(bytes: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = space === -1 || space - at > 10 ? Number.NaN : Number(bytes.subarray(at, space).toString("latin1"));
    if (!Number.isInteger(length) || length <= space - at || at + length > bytes.length) break;
    const record = bytes.subarray(space + 1, at + length - 1).toString("utf8");
    const sign = record.indexOf("=");
    if (sign > 0) records.set(record.slice(0, sign), record.slice(sign + 1));
    at += length;
  }
  return records;
}

function headerName(header: Buffer): string {
  const name = textField(header.subarray(0, 100));
  // GNU has other fields where POSIX has the front of a long name.
  const isPosix = header.subarray(257, 263).toString("latin1") === "ustar\0";
  const prefix = isPosix ? textField(header.subarray(345, 500)) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

/**
 * The entries of a tar archive (ustar, pax, GNU, and the format of before), streamed. An own reader: the well-kept one,
 * tar-stream, brings seven megabytes of another runtime's native modules with it.
 *
 * @param name how messages call the archive.
 * @throws `parse_failed` where the bytes are no header, or the archive ends in the middle of an entry.
 */
export async function* tarEntries(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<TarEntry> {
  const reader = createByteReader(chunks);
  const damaged = (what: string): IsthmusError =>
    new IsthmusError("parse_failed", `${name} is no tar archive, or a damaged one: ${what}.`);
  let forNext = new Map<string, string>();
  let forAll = new Map<string, string>();
  for (;;) {
    const header = await exactly(reader, blockSize);
    // The end is two blocks of zeros; archives that were cut off right before it are whole as well.
    if (header.length === 0 || (header.length === blockSize && header.every((byte) => byte === 0))) return;
    if (header.length < blockSize || !isChecked(header)) throw damaged("a header is not valid");
    const extended = (key: string): string | undefined => forNext.get(key) ?? forAll.get(key);
    const type = String.fromCharCode(header[156] ?? 0).replace("\0", "0");
    const isExtension = "xgLK".includes(type);
    const size = Number(
      isExtension
        ? numberField(header.subarray(124, 136))
        : (extended("size") ?? numberField(header.subarray(124, 136))),
    );
    if (!Number.isSafeInteger(size) || size < 0) throw damaged("an entry has no valid size");
    // Links and folders may give the size of what they stand for, and have no content of their own.
    const hasContent = !"123456".includes(type);
    let left = hasContent ? size : 0;
    const padding = (blockSize - (left % blockSize)) % blockSize;
    if (isExtension) {
      if (size > longestExtension) throw damaged("an extended header is too large");
      const content = await exactly(reader, size + padding);
      if (content.length < size + padding) throw damaged("it ends in the middle of a header");
      const own = content.subarray(0, size);
      if (type === "g") forAll = new Map([...forAll, ...paxRecords(own)]);
      else if (type === "x") forNext = new Map([...forNext, ...paxRecords(own)]);
      else forNext.set(type === "L" ? "path" : "linkpath", textField(own));
      continue;
    }
    async function* bytes(): AsyncGenerator<Uint8Array> {
      while (left > 0) {
        const part = await reader.take(left);
        if (part === undefined) throw damaged("it ends in the middle of an entry");
        left -= part.length;
        yield part;
      }
    }
    const isSparse = [...forNext.keys()].some((key) => key.startsWith("GNU.sparse"));
    yield { name: extended("path") ?? headerName(header), type: isSparse ? "S" : type, bytes: bytes() };
    forNext = new Map();
    for (let skipped = left + padding; skipped > 0; ) {
      const part = await reader.take(skipped);
      if (part === undefined) throw damaged("it ends in the middle of an entry");
      skipped -= part.length;
    }
  }
}
