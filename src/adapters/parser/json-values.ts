/** One of the values of a file: an element of the array that it is, or one of several values in a row. */
export interface JsonValue {
  /** From 1. */
  readonly number: number;
  /** The value, or undefined where it is over the limit: then it was never held. */
  readonly bytes: Uint8Array | undefined;
  /** The file ends within the value. */
  readonly cut: boolean;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const open = new Set([0x5b, 0x7b]);
const close = new Set([0x5d, 0x7d]);
const arrayStart = 0x5b;
const arrayEnd = 0x5d;
const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/**
 * Splits a file of JSON into its values as it streams: the elements of one array, or values one after the other however many
 * lines each takes. Only brackets and quotes are looked at, so a broken value costs itself alone. Memory is bounded by
 * `maxBytes` and one chunk.
 */
export async function* jsonValues(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<JsonValue> {
  let number = 0;
  let inArray: boolean | undefined;
  let depth = 0;
  let inString = false;
  let isEscaped = false;
  let started = false;
  let size = 0;
  let parts: Uint8Array[] = [];

  const keep = (part: Uint8Array) => {
    size += part.length;
    if (size <= maxBytes) parts.push(part);
    else parts = [];
  };
  const finish = (cut: boolean): JsonValue => {
    number += 1;
    const value = { number, bytes: size > maxBytes ? undefined : Buffer.concat(parts), cut };
    started = false;
    size = 0;
    parts = [];
    return value;
  };

  for await (const chunk of chunks) {
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (inString) {
        if (isEscaped) isEscaped = false;
        else if (byte === backslash) isEscaped = true;
        else if (byte === quote) inString = false;
        continue;
      }
      if (!started) {
        from = at;
        if (isSpace(byte)) continue;
        if (inArray === undefined) {
          inArray = byte === arrayStart;
          if (inArray) continue;
        }
        // What follows the array is one more value, and no sound one.
        if (inArray && (byte === comma || byte === arrayEnd)) {
          if (byte === arrayEnd) inArray = false;
          continue;
        }
        // Programs that cut an array into lines leave its commas.
        if (byte === comma) continue;
        started = true;
      }
      if (byte === quote) inString = true;
      else if (open.has(byte)) depth += 1;
      else if (depth > 0 && close.has(byte)) {
        depth -= 1;
        if (depth > 0 || inArray) continue;
        keep(chunk.subarray(from, at + 1));
        yield finish(false);
      } else if (depth === 0 && (inArray ? byte === comma || byte === arrayEnd : isSpace(byte))) {
        keep(chunk.subarray(from, at));
        yield finish(false);
        if (byte === arrayEnd) inArray = false;
      }
    }
    if (started) keep(chunk.subarray(from));
  }
  if (started) yield finish(depth > 0 || inString || inArray === true);
}
