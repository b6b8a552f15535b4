import { byteOrderMark } from "./decode.ts";

// No byte of UTF-8 is 0xFF: a half of a surrogate pair becomes one, so that its record, and no other, is found invalid.
const invalidByte = Buffer.of(0xff);

function encodeUtf16(text: string): Uint8Array {
  if (text.isWellFormed()) return Buffer.from(text, "utf8");
  const parts = text.split(/(\p{Surrogate})/u);
  return Buffer.concat(parts.map((part) => (part.isWellFormed() ? Buffer.from(part, "utf8") : invalidByte)));
}

async function* fromUtf16(chunks: AsyncIterable<Uint8Array>, bigEndian: boolean): AsyncGenerator<Uint8Array> {
  let oddByte: Uint8Array = new Uint8Array(0);
  let half = "";
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([oddByte, chunk]);
    const even = bytes.length - (bytes.length % 2);
    oddByte = bytes.subarray(even);
    const units = bytes.subarray(0, even);
    const text = half + (bigEndian ? units.swap16() : units).toString("utf16le");
    const last = text.charCodeAt(text.length - 1);
    half = last >= 0xd800 && last <= 0xdbff ? text.slice(-1) : "";
    yield encodeUtf16(half ? text.slice(0, -1) : text);
  }
  if (half !== "" || oddByte.length > 0) yield invalidByte;
}

async function* rest(head: Uint8Array, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (;;) {
    const next = await iterator.next();
    if (next.done) return;
    yield next.value;
  }
}

/**
 * The bytes as UTF-8 without a byte order mark: UTF-16 with one is converted as it streams. Nothing is checked here, each
 * record is by its parser.
 */
export async function* utf8Stream(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  try {
    let head: Uint8Array = new Uint8Array(0);
    while (head.length < 3) {
      const next = await iterator.next();
      if (next.done) break;
      head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
    }
    const mark = byteOrderMark(head);
    const body = rest(head.subarray(mark?.length ?? 0), iterator);
    if (mark === undefined || mark.encoding === "utf-8") yield* body;
    else yield* fromUtf16(body, mark.encoding === "utf-16be");
  } finally {
    // A consumer that stops early must release the source.
    await iterator.return?.();
  }
}
