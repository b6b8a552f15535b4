/** The bytes without NULs, which programs leave in tables and logs, and which are part of no word in UTF-8. */
export async function* withoutNul(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield chunk.includes(0) ? chunk.filter((byte) => byte !== 0) : chunk;
}
