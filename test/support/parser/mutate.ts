// Numbers that sizes, counts and references are broken with.
const numbers = ["0", "-1", "65536", "4294967295", "99999999999999999999", "1e308", "NaN"];

/**
 * A broken copy of a file: some bytes flipped, a piece cut out, doubled, moved or overwritten, the end cut off, numbers in it
 * replaced by absurd ones; one to four of these at once.
 *
 * @param random numbers from 0 to below 1.
 */
export function mutated(file: Uint8Array, random: () => number): Uint8Array<ArrayBuffer> {
  let bytes: Buffer = Buffer.from(file);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const pieceLength = (): number => 1 + upTo(2 ** upTo(11));
  const breaks: readonly (() => Buffer)[] = [
    () => {
      for (let flips = 1 + upTo(16); flips > 0; flips -= 1) bytes[upTo(bytes.length)] = upTo(256);
      return bytes;
    },
    () => {
      const at = upTo(bytes.length);
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + pieceLength())]);
    },
    () => {
      const at = upTo(bytes.length);
      const piece = bytes.subarray(at, at + pieceLength());
      const to = upTo(bytes.length);
      const copies = Array.from({ length: 1 + upTo(8) }, () => piece);
      return Buffer.concat([bytes.subarray(0, to), ...copies, bytes.subarray(to)]);
    },
    () => {
      const at = upTo(bytes.length);
      return Buffer.from(bytes.fill(upTo(256), at, Math.min(at + pieceLength(), bytes.length)));
    },
    () => bytes.subarray(0, upTo(bytes.length)),
    () => {
      const text = bytes.toString("latin1");
      const places = [...text.matchAll(/\d+/g)];
      const place = places[upTo(places.length)];
      if (place === undefined) return bytes;
      const number = numbers[upTo(numbers.length)] ?? "0";
      return Buffer.from(text.slice(0, place.index) + number + text.slice(place.index + place[0].length), "latin1");
    },
  ];
  for (let times = 1 + upTo(4); times > 0; times -= 1) {
    if (bytes.length > 0) bytes = Buffer.from(breaks[upTo(breaks.length)]?.() ?? bytes);
  }
  return new Uint8Array(bytes);
}
