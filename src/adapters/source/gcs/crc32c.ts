/** CRC-32C (Castagnoli), reflected: RFC 3720, section 12.1 and appendix B.4. Node's own `crc32` has another polynomial. */
const polynomial = 0x82f63b78;

/** Four tables, so that four bytes go in one step (slicing by four). */
const tables = makeTables();

/** Goes on from the CRC so far; begin with 0. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  const [one, two, three, four] = tables;
  let crc = ~before;
  let at = 0;
  const fours = bytes.length - (bytes.length % 4);
  for (; at < fours; at += 4) {
    crc ^= byte(bytes, at) | (byte(bytes, at + 1) << 8) | (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24);
    crc =
      look(four, crc & 0xff) ^ look(three, (crc >>> 8) & 0xff) ^ look(two, (crc >>> 16) & 0xff) ^ look(one, crc >>> 24);
  }
  for (; at < bytes.length; at++) crc = look(one, (crc ^ byte(bytes, at)) & 0xff) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] as number; // Inside the bounds: the loops above see to it.
}

function look(table: Int32Array, at: number): number {
  return table[at] as number; // 0 to 255.
}

function makeTables(): readonly [Int32Array, Int32Array, Int32Array, Int32Array] {
  const first = new Int32Array(256);
  for (let value = 0; value < 256; value++) {
    let crc = value;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    first[value] = crc;
  }
  const next = (table: Int32Array) => table.map((crc) => look(first, crc & 0xff) ^ (crc >>> 8));
  const second = next(first);
  const third = next(second);
  return [first, second, third, next(third)];
}
