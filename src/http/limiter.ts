/** Bounds the work in progress: `maxActive` units at once, `maxWaiting` more in line, the rest turned away. */
export interface Limiter {
  /**
   * Waits for a turn. Gives the function that ends it, or undefined when the line is full.
   * Rejects with the signal's reason when it fires first.
   */
  enter(signal: AbortSignal): Promise<(() => void) | undefined>;
  readonly active: number;
  readonly waiting: number;
}

export function createLimiter(maxActive: number, maxWaiting: number): Limiter {
  let active = 0;
  const line = new Set<() => void>();

  function leaveOnce(): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      active -= 1;
      const [next] = line;
      next?.();
    };
  }

  return {
    get active() {
      return active;
    },
    get waiting() {
      return line.size;
    },
    async enter(signal) {
      signal.throwIfAborted();
      if (active < maxActive) {
        active += 1;
        return leaveOnce();
      }
      if (line.size >= maxWaiting) return undefined;
      await new Promise<void>((resolve, reject) => {
        const giveUp = () => {
          line.delete(start);
          reject(signal.reason);
        };
        const start = () => {
          line.delete(start);
          signal.removeEventListener("abort", giveUp);
          // Counted here, not after the await: a newcomer must not slip in between.
          active += 1;
          resolve();
        };
        line.add(start);
        signal.addEventListener("abort", giveUp, { once: true });
      });
      return leaveOnce();
    },
  };
}
