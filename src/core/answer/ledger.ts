import { IsthmusError } from "../errors.ts";

/** Counts the tokens of each caller by day (UTC), in this process alone: servers side by side count each for itself. */
export interface TokenLedger {
  /**
   * Sets tokens aside before they are used.
   *
   * @param caller who asks; callers without a key are one.
   * @returns tells what was used in the end; to be called once.
   * @throws `generator_quota` where they would be more than the caller's for the day, with the time until the next day begins.
   */
  take(caller: string, tokens: number): (used: number) => void;
}

const dayMs = 24 * 60 * 60 * 1000;

/** @param perDay tokens of one caller a day, input and output together. */
export function createTokenLedger(perDay: number, now: () => number = Date.now): TokenLedger {
  let day = -1;
  let used = new Map<string, number>();

  function today(): Map<string, number> {
    const current = Math.floor(now() / dayMs);
    if (current !== day) used = new Map();
    day = current;
    return used;
  }

  return {
    take(caller, tokens) {
      const book = today();
      const before = book.get(caller) ?? 0;
      if (before + tokens > perDay) {
        const message =
          `The language model's tokens of this key for today are used up (ISTHMUS_GENERATOR_DAILY_TOKENS is ${perDay}, of which ` +
          `${before} are used or set aside, and this answer may take ${tokens}). A new day begins at 00:00 UTC.`;
        throw new IsthmusError("generator_quota", message, { retryAfterMs: (day + 1) * dayMs - now() });
      }
      book.set(caller, before + tokens);
      // Of the day it was taken from: what is given back after midnight must not open the new one in the negative.
      return (spent) => void book.set(caller, (book.get(caller) ?? 0) - tokens + spent);
    },
  };
}
