import type { BatchPace } from "../../../core/batcher.ts";

/** What requests of one writer wait for, all of them together. */
export interface Pace extends BatchPace {
  /** Counts a caller in while its work is under way. */
  join<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Counts a document in, until the function that this gives is called: it will ask for something yet. */
  expect(): () => void;
}

/**
 * A document passes a few requests one after the other. The more documents are at one of them, the longer a request waits
 * for others to share it: 50 ms for each of them, up to 200 ms. At 75 documents a second (the shipped model on two cores
 * with VNNI) some 15 of them then share each request, which costs a third of what requests of one's own cost, and the
 * documents in flight bridge the wait (docs/performance.md). A caller who is alone waits for nobody, nor do the last ones: where
 * all documents that are expected are here, nobody else will come.
 */
export function createPace(): Pace {
  const [msForEach, mostMs, enough] = [50, 200, 24];
  let present = 0;
  let expected = 0;
  return {
    expect() {
      expected++;
      return () => {
        expected--;
      };
    },
    async join(work) {
      present++;
      try {
        return await work();
      } finally {
        present--;
      }
    },
    everyMs: () => (present < 2 || present >= expected ? 0 : Math.min(mostMs, present * msForEach)),
    enough,
  };
}
