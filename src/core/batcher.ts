export interface BatchLimits<Item> {
  /** Weight of one request, in units of `weigh`. */
  readonly most: number;
  /** Requests under way at once. */
  readonly inFlight: number;
  readonly weigh: (item: Item) => number;
  /** Without it a request waits for nothing but a place under way. */
  readonly pace?: BatchPace | undefined;
  readonly askers?: BatchAskers | undefined;
}

/** Ties a request to those who asked for it: one trace tells of what many callers share. */
export interface BatchAskers {
  /** Who asks now: kept with what waits to be sent together with what others ask. */
  asker(): unknown;
  /** Runs what several asked for. */
  together<Result>(askers: readonly unknown[], work: () => Result): Result;
}

/** How long a request waits for others to share it. */
export interface BatchPace {
  /** Requests follow one another no faster than this, in milliseconds, unless enough has come together. */
  everyMs(): number;
  /** Items that make a request worth sending at once. */
  readonly enough: number;
}

/** Who waits for others sees so often whether they still come. */
const lookAgainMs = 20;

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly asker: unknown;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Joins what many callers ask at about the same time into few requests: while one is under way, the next comes together.
 * Results come in the order of the items; when a request fails, all of its callers hear it. A caller whose signal fires
 * hears that at once, and the others of its request nothing.
 */
export function createBatcher<Item, Result>(
  limits: BatchLimits<Item>,
  request: (items: readonly Item[]) => Promise<readonly Result[]>,
): (item: Item, signal?: AbortSignal) => Promise<Result> {
  const queue: Waiting<Item, Result>[] = [];
  const { pace, askers } = limits;
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
      const send = () => request(taken.map(({ item }) => item));
      const results = await (askers?.together(
        taken.map(({ asker }) => asker),
        send,
      ) ?? send());
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
        timer = setTimeout(pump, Math.min(wait, lookAgainMs));
        return;
      }
      void send();
    }
  }

  return (item, signal) =>
    new Promise<Result>((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const abort = () => {
        const at = queue.indexOf(waiting);
        if (at >= 0) queue.splice(at, 1);
        reject(signal?.reason);
      };
      const release = () => signal?.removeEventListener("abort", abort);
      const waiting: Waiting<Item, Result> = {
        item,
        asker: askers?.asker(),
        resolve(result) {
          release();
          resolve(result);
        },
        reject(error) {
          release();
          reject(error);
        },
      };
      signal?.addEventListener("abort", abort, { once: true });
      queue.push(waiting);
      if (scheduled) return;
      scheduled = true;
      // Callers of the same turn of the event loop share a request.
      setImmediate(() => {
        scheduled = false;
        pump();
      });
    });
}
