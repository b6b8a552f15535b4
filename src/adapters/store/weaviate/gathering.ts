interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** How long a request may wait for company, so that a steady stream of callers costs few requests. */
export interface Pace {
  /** Requests follow one another no faster than this, in milliseconds (asked for each, 0 is at once), … */
  readonly everyMs: () => number;
  /** … unless the items that wait weigh as much as this. */
  readonly enough: number;
}

export interface GatheringLimits<Item> {
  /** Weight of one request, in units of `weigh`. */
  readonly most: number;
  /** Requests under way at once. */
  readonly inFlight: number;
  readonly weigh: (item: Item) => number;
  /** Without it a request waits for nothing but a place under way. */
  readonly pace?: Pace | undefined;
}

/**
 * Joins what many callers ask at about the same time into few requests: while one is under way, the next gathers. A lone
 * caller waits for nobody. Results come in the order of the items; when a request fails, all of its callers hear it.
 */
export function gathering<Item, Result>(
  limits: GatheringLimits<Item>,
  request: (items: readonly Item[]) => Promise<readonly Result[]>,
): (item: Item) => Promise<Result> {
  const queue: Waiting<Item, Result>[] = [];
  const { pace } = limits;
  let underWay = 0;
  let scheduled = false;
  let lastSent = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  function take(): Waiting<Item, Result>[] {
    const taken: Waiting<Item, Result>[] = [];
    let weight = 0;
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      weight += limits.weigh(next.item);
      if (taken.length > 0 && weight > limits.most) break;
      taken.push(next);
      queue.shift();
    }
    return taken;
  }

  async function send(): Promise<void> {
    const taken = take();
    if (taken.length === 0) return;
    underWay++;
    lastSent = performance.now();
    try {
      const results = await request(taken.map(({ item }) => item));
      for (const [index, { resolve }] of taken.entries()) resolve(results[index] as Result);
    } catch (error) {
      for (const { reject } of taken) reject(error);
    } finally {
      underWay--;
      pump();
    }
  }

  /** Milliseconds until the next request may leave; 0 is now. */
  function delay(): number {
    if (pace === undefined) return 0;
    const waiting = queue.reduce((weight, { item }) => weight + limits.weigh(item), 0);
    return waiting >= pace.enough ? 0 : Math.max(0, lastSent + pace.everyMs() - performance.now());
  }

  function pump(): void {
    clearTimeout(timer);
    while (underWay < limits.inFlight && queue.length > 0) {
      const wait = delay();
      if (wait > 0) {
        timer = setTimeout(pump, wait);
        return;
      }
      void send();
    }
  }

  return (item) =>
    new Promise<Result>((resolve, reject) => {
      queue.push({ item, resolve, reject });
      if (scheduled) return;
      scheduled = true;
      // Callers of the same turn of the event loop share a request.
      setImmediate(() => {
        scheduled = false;
        pump();
      });
    });
}
