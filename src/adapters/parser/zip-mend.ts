const signatures = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, descriptor: 0x08074b50 };
const localBytes = 30;
const centralBytes = 46;
const endBytes = 22;
/** Sizes come after the content, not before it. */
const lateSizes = 0x8;
const mostEntries = 0xffff;

/**
 * A ZIP as programs open it: without what stands before it (a program that unpacks it) and behind it (what downloads
 * and mail programs append).
 */
function trimmed(bytes: Buffer): Buffer | undefined {
  const mark = Buffer.from("PK\x05\x06", "latin1");
  for (let at = bytes.lastIndexOf(mark); at !== -1; at = at === 0 ? -1 : bytes.lastIndexOf(mark, at - 1)) {
    if (at + endBytes > bytes.length) continue;
    const [size, offset] = [bytes.readUInt32LE(at + 12), bytes.readUInt32LE(at + 16)];
    const end = Math.min(bytes.length, at + endBytes + bytes.readUInt16LE(at + 20));
    const start = at - size - offset;
    // Zip64 keeps its sizes elsewhere.
    if (size === 0xffffffff || offset === 0xffffffff) return bytes.subarray(0, end);
    const isWhole = size === 0 || (start >= 0 && bytes.readUInt32LE(at - size) === signatures.central);
    if (isWhole) return bytes.subarray(Math.max(0, start), end);
    // Between directory and end lies what Zip64 adds.
    if (offset + 4 <= at && bytes.readUInt32LE(offset) === signatures.central) return bytes.subarray(0, end);
  }
  return undefined;
}

interface Found {
  readonly at: number;
  readonly header: Buffer;
  readonly crc: number;
  readonly compressed: number;
  readonly size: number;
}

/** The entry that begins at a place; undefined where none does, or where its end is not known. */
function entryAt(bytes: Buffer, at: number): (Found & { readonly next: number }) | undefined {
  if (at + localBytes > bytes.length || bytes.readUInt32LE(at) !== signatures.local) return undefined;
  const start = at + localBytes + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
  if (start > bytes.length) return undefined;
  const header = bytes.subarray(at, start);
  const isLate = (bytes.readUInt16LE(at + 6) & lateSizes) !== 0;
  const [crc, compressed, size] = [14, 18, 22].map((from) => bytes.readUInt32LE(at + from)) as [number, number, number];
  if (!isLate) return { at, header, crc, compressed, size, next: start + compressed };
  const mark = Buffer.from("PK\x07\x08", "latin1");
  for (let end = bytes.indexOf(mark, start); end !== -1; end = bytes.indexOf(mark, end + 1)) {
    if (end + 16 > bytes.length || bytes.readUInt32LE(end + 8) !== end - start) continue;
    const late = { crc: bytes.readUInt32LE(end + 4), compressed: end - start, size: bytes.readUInt32LE(end + 12) };
    return { at, header, ...late, next: end + 16 };
  }
  return undefined;
}

function directoryEntry({ at, header, crc, compressed, size }: Found): Buffer {
  const nameBytes = header.readUInt16LE(26);
  const central = Buffer.alloc(centralBytes + nameBytes);
  central.writeUInt32LE(signatures.central, 0);
  header.copy(central, 6, 4, 14);
  central.writeUInt32LE(crc, 16);
  central.writeUInt32LE(compressed, 20);
  central.writeUInt32LE(size, 24);
  central.writeUInt16LE(nameBytes, 28);
  central.writeUInt32LE(at, 42);
  header.copy(central, centralBytes, localBytes, localBytes + nameBytes);
  return central;
}

/** What is whole of a ZIP that was cut off: its directory, which stands at its end, is written anew from its entries. */
function rebuilt(bytes: Buffer): Buffer | undefined {
  const entries: Found[] = [];
  let at = 0;
  for (let entry = entryAt(bytes, at); entry && entries.length < mostEntries; entry = entryAt(bytes, at)) {
    if (entry.next > bytes.length) break;
    entries.push(entry);
    at = entry.next;
  }
  if (entries.length === 0) return undefined;
  const directory = Buffer.concat(entries.map(directoryEntry));
  const end = Buffer.alloc(endBytes);
  end.writeUInt32LE(signatures.end, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([bytes.subarray(0, at), directory, end]);
}

/** @returns the ZIP in the bytes, and whether its end is missing; undefined where there is none. */
export function mendZip(bytes: Buffer): { readonly zip: Buffer; readonly isCut: boolean } | undefined {
  const zip = trimmed(bytes);
  if (zip) return { zip, isCut: false };
  const rest = rebuilt(bytes);
  return rest && { zip: rest, isCut: true };
}
