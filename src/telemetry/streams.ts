/** A stream with something to do at its end, however it comes. The work of each step runs in `within`, where there is one. */
export function observed<Item>(
  stream: AsyncIterable<Item>,
  watch: {
    within?<Result>(work: () => Promise<Result>): Promise<Result>;
    item?(item: Item): void;
    failed(error: unknown): void;
    ended(): void;
  },
): AsyncIterable<Item> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = stream[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            const next = await (watch.within === undefined ? iterator.next() : watch.within(() => iterator.next()));
            if (next.done === true) watch.ended();
            else watch.item?.(next.value);
            return next;
          } catch (error) {
            watch.failed(error);
            watch.ended();
            throw error;
          }
        },
        async return(value?: unknown) {
          watch.ended();
          return (await iterator.return?.(value)) ?? { done: true, value: undefined };
        },
      };
    },
  };
}
