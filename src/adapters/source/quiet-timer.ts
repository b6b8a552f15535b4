export interface QuietTimer {
  /** Something happened. */
  touch(): void;
  stop(): void;
}

export interface QuietTiming {
  /** Fires when nothing has happened for so long, */
  readonly quietMs: number;
  /** or so long after the first touch that has not been told yet. */
  readonly longestMs: number;
}

/** Calls `fire` when it has been quiet for a while, or when it never gets quiet. */
export function createQuietTimer(timing: QuietTiming, fire: () => void): QuietTimer {
  let timer: NodeJS.Timeout | undefined;
  let firstAt: number | undefined;
  return {
    touch() {
      const now = performance.now();
      firstAt ??= now;
      clearTimeout(timer);
      const wait = Math.max(0, Math.min(timing.quietMs, firstAt + timing.longestMs - now));
      timer = setTimeout(() => {
        firstAt = undefined;
        fire();
      }, wait);
    },
    stop: () => clearTimeout(timer),
  };
}
