/** A byte stream whose beginning can be looked at before it is read. */
export interface PeekableBytes {
  /** The first `size` bytes, or all there are; they are still read by `rest`. */
  peek(size: number): Promise<Uint8Array>;
  rest(): AsyncIterable<Uint8Array>;
  /** Reads on to the end, keeping nothing. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** @param onRead told of every piece that comes from the source. */
export function peekable(stream: AsyncIterable<Uint8Array>, onRead: (bytes: number) => void): PeekableBytes {
  const iterator = stream[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  const pull = async () => {
    const next = await iterator.next();
    if (next.done !== true) onRead(next.value.length);
    return next;
  };
  return {
    async peek(size) {
      let length = 0;
      while (length < size) {
        const next = await pull();
        if (next.done === true) break;
        held.push(next.value);
        length += next.value.length;
      }
      return Buffer.concat(held).subarray(0, size);
    },
    async *rest() {
      for (let chunk = held.shift(); chunk !== undefined; chunk = held.shift()) yield chunk;
      for (let next = await pull(); next.done !== true; next = await pull()) yield next.value;
    },
    async drain() {
      for (let next = await pull(); next.done !== true; next = await pull());
    },
    async close() {
      await iterator.return?.();
    },
  };
}
