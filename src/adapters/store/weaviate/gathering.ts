interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface GatheringLimits<Item> {
  /** Weight of one request, in units of `weigh`. */
  readonly most: number;
  /** Requests under way at once. */
  readonly inFlight: number;
  readonly weigh: (item: Item) => number;
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
  let underWay = 0;
  let scheduled = false;

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

  function pump(): void {
    while (underWay < limits.inFlight && queue.length > 0) void send();
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
