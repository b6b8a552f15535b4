/** What the dictionary of [MS-OXRTFCP] holds at the beginning. */
const prefix =
  "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbol" +
  "ArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const headerBytes = 16;
const dictionaryBytes = 4096;
const compressed = 0x75465a4c;
const uncompressed = 0x414c454d;
/** Two bytes stand for so many at most. */
const longestMatch = 17;

/** RTF as Outlook compresses it; undefined for what is none. What is cut off is given as far as it goes. */
export function decompressRtf(bytes: Uint8Array): Uint8Array | undefined {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (source.length < headerBytes) return undefined;
  const rawSize = source.readUInt32LE(4);
  const kind = source.readUInt32LE(8);
  if (kind === uncompressed) return source.subarray(headerBytes, headerBytes + rawSize);
  if (kind !== compressed) return undefined;
  const dictionary = Buffer.alloc(dictionaryBytes);
  let write = dictionary.write(prefix, "latin1");
  const out = Buffer.alloc(Math.min(rawSize, source.length * longestMatch));
  let length = 0;
  const put = (byte: number): void => {
    dictionary[write] = byte;
    write = (write + 1) % dictionaryBytes;
    if (length < out.length) out[length] = byte;
    length += 1;
  };
  let at = headerBytes;
  while (at < source.length && length < out.length) {
    const flags = source.readUInt8(at);
    at += 1;
    for (let bit = 1; bit < 256 && at < source.length; bit <<= 1) {
      if ((flags & bit) === 0) {
        put(source.readUInt8(at));
        at += 1;
        continue;
      }
      if (at + 2 > source.length) return out.subarray(0, Math.min(length, out.length));
      const reference = source.readUInt16BE(at);
      at += 2;
      const from = reference >> 4;
      if (from === write) return out.subarray(0, Math.min(length, out.length));
      for (let count = (reference & 15) + 2, read = from; count > 0; count -= 1, read = (read + 1) % dictionaryBytes)
        put(dictionary.readUInt8(read));
    }
  }
  return out.subarray(0, Math.min(length, out.length));
}
