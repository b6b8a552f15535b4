import type { TestContext } from "node:test";
import { testSeed } from "./seed.ts";

/**
 * Random numbers from 0 to 1 that a printed seed repeats.
 *
 * @param round of a test that is there several times: each has numbers of its own.
 */
export function seeded(context: TestContext, round = 0): () => number {
  context.diagnostic(`seed ${testSeed} (ISTHMUS_TEST_SEED repeats it)`);
  return createSeeded(testSeed + round);
}

/** Numbers from 0 to below 1, the same for the same seed. Mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function createSeeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
