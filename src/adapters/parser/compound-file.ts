import { IsthmusError } from "../../core/errors.ts";

/** A folder of a compound file: streams and folders by name. */
export interface Storage {
  readonly streams: ReadonlyMap<string, () => Uint8Array>;
  readonly storages: ReadonlyMap<string, Storage>;
}

interface DirectoryEntry {
  readonly name: string;
  /** 1 is a storage, 2 a stream, 5 the root. */
  readonly type: number;
  readonly left: number;
  readonly right: number;
  readonly child: number;
  readonly start: number;
  readonly size: number;
}

const magic = Buffer.from("d0cf11e0a1b11ae1", "hex");
const lastRegular = 0xfffffffa;
const entrySize = 128;
const headerSize = 512;
/** Storages inside each other: a message in a message in a message. */
const deepest = 40;

/**
 * Reads an OLE compound file ([MS-CFB]), in which Outlook keeps a message. An own reader: those that are well kept follow a
 * chain of sectors that leads back into itself for ever.
 *
 * @param name how messages call the file.
 * @throws `parse_failed` for a file that is damaged, or none of these.
 */
export function readCompoundFile(bytes: Uint8Array, name: string): Storage {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const damaged = (): IsthmusError =>
    new IsthmusError("parse_failed", `${name} is no Outlook message, or a damaged one.`);
  if (file.length < headerSize || !file.subarray(0, 8).equals(magic)) throw damaged();
  const sectorShift = file.readUInt16LE(30);
  const miniShift = file.readUInt16LE(32);
  if ((sectorShift !== 9 && sectorShift !== 12) || miniShift !== 6) throw damaged();
  const sectorSize = 2 ** sectorShift;
  const sectors = Math.ceil(file.length / sectorSize);
  const sectorAt = (sector: number): Buffer => {
    const from = (sector + 1) * sectorSize;
    if (sector > lastRegular || from >= file.length) throw damaged();
    return file.subarray(from, from + sectorSize);
  };
  const numbersOf = (sector: Buffer): number[] =>
    Array.from({ length: sector.length >> 2 }, (_, index) => sector.readUInt32LE(index * 4));

  // Where the table of sectors lies: 109 of its parts in the header, more in a chain of their own.
  const tableSectors = numbersOf(file.subarray(76, headerSize));
  for (let next = file.readUInt32LE(68), seen = 0; next <= lastRegular; seen += 1) {
    if (seen > sectors) throw damaged();
    const more = numbersOf(sectorAt(next));
    next = more.pop() ?? 0xfffffffe;
    tableSectors.push(...more);
  }
  const table = tableSectors
    .filter((sector) => sector <= lastRegular)
    .slice(0, sectors)
    .flatMap((sector) => numbersOf(sectorAt(sector)));

  const chain = (start: number, nexts: readonly number[], limit: number): number[] => {
    const found: number[] = [];
    for (let sector = start; sector <= lastRegular; sector = nexts[sector] ?? 0xfffffffe) {
      found.push(sector);
      if (found.length > limit) throw damaged();
    }
    return found;
  };
  const read = (start: number): Buffer => Buffer.concat(chain(start, table, sectors).map(sectorAt));

  const directory = read(file.readUInt32LE(48));
  const entries = Array.from({ length: Math.floor(directory.length / entrySize) }, (_, index): DirectoryEntry => {
    const entry = directory.subarray(index * entrySize, (index + 1) * entrySize);
    const nameLength = Math.max(0, Math.min(64, entry.readUInt16LE(64)) - 2);
    return {
      name: entry.toString("utf16le", 0, nameLength),
      type: entry.readUInt8(66),
      left: entry.readUInt32LE(68),
      right: entry.readUInt32LE(72),
      child: entry.readUInt32LE(76),
      start: entry.readUInt32LE(116),
      size: entry.readUInt32LE(120),
    };
  });
  const [root] = entries;
  if (root?.type !== 5) throw damaged();
  const cutoff = file.readUInt32LE(56);
  let mini: { readonly stream: Buffer; readonly table: readonly number[] } | undefined;
  const contentOf = ({ start, size }: DirectoryEntry): Uint8Array => {
    if (size === 0) return new Uint8Array(0);
    if (size > file.length) throw damaged();
    if (size >= cutoff) return read(start).subarray(0, size);
    mini ??= { stream: read(root.start), table: numbersOf(read(file.readUInt32LE(60))) };
    const { stream, table: nexts } = mini;
    const parts = chain(start, nexts, stream.length >> miniShift).map((sector) =>
      stream.subarray(sector << miniShift, (sector + 1) << miniShift),
    );
    return Buffer.concat(parts).subarray(0, size);
  };

  // Each entry is met once: a tree that leads back into itself ends here.
  const met = new Set<number>();
  const storageAt = (child: number, depth: number): Storage => {
    const streams = new Map<string, () => Uint8Array>();
    const storages = new Map<string, Storage>();
    const waiting = [child];
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
      const entry = entries[index];
      if (!entry || met.has(index)) continue;
      met.add(index);
      waiting.push(entry.left, entry.right);
      if (entry.type === 2) streams.set(entry.name, () => contentOf(entry));
      else if (entry.type === 1 && depth < deepest) storages.set(entry.name, storageAt(entry.child, depth + 1));
    }
    return { streams, storages };
  };
  return storageAt(root.child, 0);
}
