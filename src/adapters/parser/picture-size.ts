/** Width times height of a picture, as its header says; undefined where it cannot be told. */
export function pixelsOf(bytes: Uint8Array): number | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (file.readUInt32BE(0) === 0x89504e47) return file.readUInt32BE(16) * file.readUInt32BE(20);
    return file.readUInt16BE(0) === 0xffd8 ? jpegPixels(file) : tiffPixels(file);
  } catch (error) {
    // It ends within its header.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function jpegPixels(file: Buffer): number | undefined {
  for (let at = 2; file.readUInt8(at) === 0xff; ) {
    const marker = file.readUInt8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return file.readUInt16BE(at + 5) * file.readUInt16BE(at + 7);
    // Fill bytes may stand before a marker.
    at += marker === 0xff ? 1 : 2 + file.readUInt16BE(at + 2);
  }
  return undefined;
}

const widthTag = 256;
const heightTag = 257;
const shortType = 3;
const pagesLooked = 1000;

/** Of the largest page. */
function tiffPixels(file: Buffer): number | undefined {
  const isLittle = file.toString("latin1", 0, 2) === "II";
  const u16 = (at: number): number => (isLittle ? file.readUInt16LE(at) : file.readUInt16BE(at));
  const u32 = (at: number): number => (isLittle ? file.readUInt32LE(at) : file.readUInt32BE(at));
  let most: number | undefined;
  let page = u32(4);
  for (let number = 0; page !== 0 && number < pagesLooked; number += 1) {
    const sizes = new Map<number, number>();
    const entries = u16(page);
    for (let entry = page + 2; entry < page + 2 + entries * 12; entry += 12) {
      const tag = u16(entry);
      if (tag === widthTag || tag === heightTag)
        sizes.set(tag, u16(entry + 2) === shortType ? u16(entry + 8) : u32(entry + 8));
    }
    most = Math.max(most ?? 0, (sizes.get(widthTag) ?? 0) * (sizes.get(heightTag) ?? 0));
    page = u32(page + 2 + entries * 12);
  }
  return most;
}
