import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { ZipFile } from "yazl";

interface ArchiveEntry {
  readonly name: string;
  readonly content?: string | Uint8Array;
  /** Of tar: `0` is a file (the default), `2` a symbolic link, `5` a folder. */
  readonly type?: string;
  /** Of tar, in place of the true one. */
  readonly size?: number;
  /** Of ZIP: the mode of Unix, `0o120777` for a symbolic link. */
  readonly mode?: number;
}

const bytesOf = (content: string | Uint8Array | undefined): Buffer => Buffer.from((content ?? "") as Uint8Array);

/** A ZIP with the names as they are given, also those that lead out of it. */
export async function makeArchiveZip(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  const zip = new ZipFile();
  const names = new Map<string, string>();
  for (const [index, { name, content, mode }] of entries.entries()) {
    // yazl refuses bad names: they are written over stand-ins of the same length.
    const length = Buffer.byteLength(name);
    const isPlain = /^[\w. ()äß日-]+(?:\/[\w. ()äß日-]+)*$/.test(name) && !/(?:^|\/)\.\.(?:\/|$)/.test(name);
    const stand = isPlain ? name : String.fromCharCode(0x41 + index).repeat(length);
    if (stand !== name) names.set(stand, name);
    zip.addBuffer(bytesOf(content), stand, mode === undefined ? {} : { mode });
  }
  zip.end();
  const made = await buffer(Readable.from(zip.outputStream));
  for (const [stand, name] of names) {
    const [from, to] = [Buffer.from(stand), Buffer.from(name)];
    for (let at = made.indexOf(from); at !== -1; at = made.indexOf(from, at + 1)) to.copy(made, at);
  }
  return made;
}

const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, "0")}\0`;

function tarHeader(name: Buffer, size: string, type: string): Buffer {
  const header = Buffer.alloc(512);
  name.copy(header, 0, 0, 100);
  header.write(octal(0o644, 8), 100);
  header.write(size, 124, "latin1");
  header.write(octal(0, 12), 136);
  header.write("        ", 148);
  header.write(type, 156);
  header.write("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);

function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  length = rest + String(length).length;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

/** A tar archive; a long name stands in a pax header, or in one of GNU's. */
export function makeTar(entries: readonly ArchiveEntry[], style: "pax" | "gnu" = "pax"): Buffer {
  const parts = entries.flatMap(({ name, content, type = "0", size }) => {
    const body = bytesOf(content);
    const path = Buffer.from(name);
    const parts = [tarHeader(path, octal(size ?? body.length, 12), type), padded(body)];
    if (path.length <= 100) return parts;
    const long = style === "pax" ? paxRecord("path", name) : Buffer.from(`${name}\0`);
    return [
      tarHeader(Buffer.from("long"), octal(long.length, 12), style === "pax" ? "x" : "L"),
      padded(long),
      ...parts,
    ];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}
