/** Lets at most `capacity` units of work be held at once; waiting callers are served in order. */
export class Semaphore {
  readonly #capacity: number;
  #free: number;
  readonly #waiting: { readonly weight: number; readonly start: () => void }[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#free = capacity;
  }

  /** Takes `weight` units (more than there are counts as all of them) and gives the function that returns them. */
  async acquire(weight = 1): Promise<() => void> {
    const taken = Math.min(Math.max(weight, 0), this.#capacity);
    if (this.#waiting.length > 0 || this.#free < taken) {
      await new Promise<void>((start) => this.#waiting.push({ weight: taken, start }));
    } else {
      this.#free -= taken;
    }
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#free += taken;
      this.#wake();
    };
  }

  #wake(): void {
    for (let next = this.#waiting[0]; next !== undefined && next.weight <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= next.weight;
      next.start();
    }
  }
}

/**
 * Maps an async iterable with up to `concurrency` calls in flight and yields the results in order. The input is pulled
 * only as results are taken, so a slow consumer holds the producer back. On a failure the input is closed and the
 * calls still in flight are awaited, so nothing works on after the error has been thrown.
 */
export async function* mapInOrder<Input, Output>(
  input: AsyncIterable<Input>,
  concurrency: number,
  map: (item: Input) => Promise<Output>,
): AsyncGenerator<Output> {
  const iterator = input[Symbol.asyncIterator]();
  const inFlight: Promise<Output>[] = [];
  let exhausted = false;
  try {
    for (;;) {
      while (!exhausted && inFlight.length < concurrency) {
        const next = await iterator.next();
        if (next.done === true) {
          exhausted = true;
        } else {
          const mapped = map(next.value);
          mapped.catch(() => {}); // Awaited below in order; until then it must not count as unhandled.
          inFlight.push(mapped);
        }
      }
      const first = inFlight.shift();
      if (first === undefined) return;
      yield await first;
    }
  } finally {
    await Promise.allSettled(inFlight);
    if (!exhausted) await iterator.return?.();
  }
}

/** Groups items into arrays of `size`; the last one may be shorter. */
export async function* inBatches<Item>(input: AsyncIterable<Item>, size: number): AsyncGenerator<Item[]> {
  let batch: Item[] = [];
  for await (const item of input) {
    batch.push(item);
    if (batch.length >= size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
