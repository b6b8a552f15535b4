/** What an Outlook message is made of: streams by their names, and folders of more. */
export interface MsgFolder {
  readonly [name: string]: Uint8Array | MsgFolder;
}

const sector = 512;
const miniSector = 64;
const cutoff = 4096;
const endOfChain = 0xfffffffe;
const free = 0xffffffff;
/** Sectors of the table that the header names. */
const named = 109;

interface Entry {
  readonly name: string;
  readonly type: number;
  child: number;
  right: number;
  start: number;
  size: number;
}

const padded = (bytes: Uint8Array, size: number): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((size - (bytes.length % size)) % size)]);

/** A compound file ([MS-CFB], version 3). */
export function makeCompoundFile(root: MsgFolder): Buffer {
  const entries: Entry[] = [{ name: "Root Entry", type: 5, child: free, right: free, start: endOfChain, size: 0 }];
  const sectors: Buffer[] = [];
  const table: number[] = [];
  const mini: Buffer[] = [];
  const miniTable: number[] = [];
  const chained = (bytes: Uint8Array, size: number, into: Buffer[], nexts: number[]): number => {
    const start = into.length;
    const whole = padded(bytes, size);
    for (let at = 0; at < whole.length; at += size) {
      into.push(whole.subarray(at, at + size));
      nexts.push(at + size < whole.length ? into.length : endOfChain);
    }
    return whole.length === 0 ? endOfChain : start;
  };
  const add = (folder: MsgFolder, parent: Entry): void => {
    let last: Entry | undefined;
    for (const [name, content] of Object.entries(folder)) {
      const isStream = content instanceof Uint8Array;
      const entry: Entry = { name, type: isStream ? 2 : 1, child: free, right: free, start: 0, size: 0 };
      const index = entries.push(entry) - 1;
      if (last) last.right = index;
      else parent.child = index;
      last = entry;
      if (!isStream) add(content, entry);
      else {
        entry.size = content.length;
        entry.start =
          content.length < cutoff
            ? chained(content, miniSector, mini, miniTable)
            : chained(content, sector, sectors, table);
      }
    }
  };
  const [top] = entries;
  if (!top) throw new Error("no root");
  add(root, top);
  const numbers = (values: readonly number[]): Buffer => {
    const bytes = Buffer.alloc(values.length * 4);
    for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4);
    return bytes;
  };
  const miniStream = Buffer.concat(mini);
  top.size = miniStream.length;
  top.start = chained(miniStream, sector, sectors, table);
  const miniTableStart = chained(numbers(miniTable), sector, sectors, table);
  const directory = entries.map(({ name, type, child, right, start, size }) => {
    const bytes = Buffer.alloc(128);
    bytes.write(name, 0, 62, "utf16le");
    bytes.writeUInt16LE(Buffer.byteLength(name, "utf16le") + 2, 64);
    bytes.writeUInt8(type, 66);
    for (const [value, at] of [
      [free, 68],
      [right, 72],
      [child, 76],
      [start, 116],
      [size, 120],
    ] as const)
      bytes.writeUInt32LE(value, at);
    return bytes;
  });
  const directoryStart = chained(Buffer.concat(directory), sector, sectors, table);
  // The table of sectors has to tell of itself as well; where it takes more sectors than the header names, others name the rest.
  let tableSectors = 1;
  let naming = 0;
  while (tableSectors * 128 < table.length + tableSectors + naming || named + naming * 127 < tableSectors) {
    if (named + naming * 127 < tableSectors) naming += 1;
    else tableSectors += 1;
  }
  const first = sectors.length;
  const whole = [
    ...table,
    ...Array.from({ length: tableSectors }, () => 0xfffffffd),
    ...Array.from({ length: naming }, () => 0xfffffffc),
  ];
  while (whole.length < tableSectors * 128) whole.push(free);
  const header = Buffer.alloc(sector, 0xff);
  header.fill(0, 0, 76);
  Buffer.from("d0cf11e0a1b11ae1", "hex").copy(header);
  for (const [value, at] of [
    [62, 24],
    [3, 26],
    [0xfffe, 28],
    [9, 30],
    [6, 32],
  ] as const)
    header.writeUInt16LE(value, at);
  const numbersInHeader = [
    [tableSectors, 44],
    [directoryStart, 48],
    [cutoff, 56],
    [miniTableStart, 60],
    [naming === 0 ? endOfChain : first + tableSectors, 68],
    [naming, 72],
  ] as const;
  for (const [value, at] of numbersInHeader) header.writeUInt32LE(value, at);
  const names = Array.from({ length: tableSectors }, (_, index) => first + index);
  for (const [index, name] of names.slice(0, named).entries()) header.writeUInt32LE(name, 76 + index * 4);
  const rest = Array.from({ length: naming }, (_, at) => {
    const own = names.slice(named + at * 127, named + (at + 1) * 127);
    while (own.length < 127) own.push(free);
    return numbers([...own, at + 1 < naming ? first + tableSectors + at + 1 : endOfChain]);
  });
  return Buffer.concat([header, ...sectors, numbers(whole), ...rest]);
}

/** The streams of text properties, by tag. */
export function msgTexts(texts: Readonly<Record<string, string>>): Record<string, Uint8Array> {
  return Object.fromEntries(
    Object.entries(texts).map(([tag, text]) => [`__substg1.0_${tag}001F`, Buffer.from(text, "utf16le")]),
  );
}

/** The stream of properties of fixed length; a date is that of its submission. @param header 32 bytes at the top, else 24 or 8. */
export function msgProperties(header: number, submitted?: Date): Uint8Array {
  const bytes = Buffer.alloc(header + (submitted ? 16 : 0));
  if (submitted) {
    bytes.writeUInt32LE(0x00390040, header);
    bytes.writeBigUInt64LE(BigInt(submitted.getTime()) * 10_000n + 116_444_736_000_000_000n, header + 8);
  }
  return bytes;
}

/** RTF in the form in which Outlook compresses it ([MS-OXRTFCP]), every byte as it is. */
export function compressedRtf(rtf: string): Buffer {
  const raw = Buffer.from(rtf, "latin1");
  const header = Buffer.alloc(16);
  const pieces: Buffer[] = [];
  for (let at = 0; at < raw.length; at += 8) pieces.push(Buffer.of(0), raw.subarray(at, at + 8));
  const body = Buffer.concat(pieces);
  header.writeUInt32LE(body.length + 12, 0);
  header.writeUInt32LE(raw.length, 4);
  header.write("LZFu", 8, "latin1");
  return Buffer.concat([header, body]);
}
