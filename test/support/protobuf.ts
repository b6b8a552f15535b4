/** Just enough of the protocol buffer wire format to write an ONNX file: https://protobuf.dev/programming-guides/encoding/ */

/** Field with wire type 0. */
export function varint(field: number, value: number): Buffer {
  return Buffer.concat([number(field * 8), number(value)]);
}

/** Field with wire type 2: a string, bytes, or a message given by its own fields. */
export function message(field: number, ...content: readonly (Uint8Array | string)[]): Buffer {
  const body = Buffer.concat(content.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
  return Buffer.concat([number(field * 8 + 2), number(body.length), body]);
}

function number(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
