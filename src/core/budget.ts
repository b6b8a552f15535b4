import { IsthmusError } from "./errors.ts";

/** What one holder has of a budget. */
export interface Share {
  /**
   * Takes more, waiting until there is room.
   * @throws `cancelled` by the signal; what was taken before stays taken.
   */
  grow(amount: number, signal?: AbortSignal): Promise<void>;
  /** A part of this share that can be given back by itself: it stands where the share stands among the holders. */
  part(): Share;
  /** Gives back all that was taken, by its parts as well. May be repeated. */
  release(): void;
}

interface Holder {
  /** Taken, by itself and its parts. */
  held: number;
  readonly waiting: { readonly amount: number; readonly start: () => void }[];
}

/**
 * An amount that holders take from as they learn what they need, none of them knowing it before: a packed file has a size on the
 * outside and another on the inside.
 *
 * Holders that each hold some and wait for more could wait for each other for ever. So the oldest one never waits: it gets what it
 * asks for though nothing is left, finishes, and gives all of it back, and then the next one is the oldest. What is taken at once is at
 * most the capacity and what one holder needs. A holder must not wait for a younger one by any other way.
 */
export class Budget {
  readonly #capacity: number;
  #taken = 0;
  /** Those that hold something or wait, in the order in which they came to that. */
  readonly #holders = new Set<Holder>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Taken by all holders together. */
  get taken(): number {
    return this.#taken;
  }

  open(): Share {
    const holder: Holder = { held: 0, waiting: [] };
    return this.#share(holder, () => this.#give(holder, holder.held));
  }

  #share(holder: Holder, whenReleased: (held: number) => void): Share {
    let held = 0;
    let released = false;
    return {
      grow: async (amount, signal) => {
        if (released) throw new IsthmusError("internal", "Broken promise: a share grew after it was given back.");
        await this.#take(holder, amount, signal);
        held += amount;
      },
      part: () => this.#share(holder, (taken) => this.#give(holder, taken)),
      release: () => {
        if (released) return;
        released = true;
        whenReleased(held);
        this.#wake();
      },
    };
  }

  #fits(holder: Holder, amount: number): boolean {
    const [oldest] = this.#holders;
    return holder === oldest || this.#taken + amount <= this.#capacity;
  }

  async #take(holder: Holder, amount: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) throw cancelled(signal);
    this.#holders.add(holder);
    const turn = ![...this.#holders].some((other) => other.waiting.length > 0) || holder === [...this.#holders][0];
    if (turn && this.#fits(holder, amount)) return this.#grant(holder, amount);
    await new Promise<void>((resolve, reject) => {
      const request = { amount, start };
      const abort = (): void => {
        holder.waiting.splice(holder.waiting.indexOf(request), 1);
        this.#leave(holder);
        reject(cancelled(signal));
        this.#wake();
      };
      function start(): void {
        signal?.removeEventListener("abort", abort);
        resolve();
      }
      holder.waiting.push(request);
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  /** The oldest first; nobody overtakes one who waits. */
  #wake(): void {
    for (const holder of this.#holders) {
      for (let next = holder.waiting[0]; next !== undefined; next = holder.waiting[0]) {
        if (!this.#fits(holder, next.amount)) return;
        holder.waiting.shift();
        this.#grant(holder, next.amount);
        next.start();
      }
    }
  }

  #grant(holder: Holder, amount: number): void {
    holder.held += amount;
    this.#taken += amount;
  }

  /** A part may outlive its share, which gave everything back. */
  #give(holder: Holder, amount: number): void {
    const given = Math.min(amount, holder.held);
    holder.held -= given;
    this.#taken -= given;
    this.#leave(holder);
  }

  /** Who holds nothing and wants nothing must not be the oldest: a file that is streamed may be read for hours. */
  #leave(holder: Holder): void {
    if (holder.held === 0 && holder.waiting.length === 0) this.#holders.delete(holder);
  }
}

function cancelled(signal: AbortSignal | undefined): IsthmusError {
  return new IsthmusError("cancelled", "Waiting for memory was cancelled.", { cause: signal?.reason });
}
