import type { Pace } from "./gathering.ts";

/**
 * A document passes six requests one after the other. The more documents are at one of them, the longer a request waits for
 * others to share it: 50 ms for each of them, up to 200 ms. At 75 documents a second (the shipped model on two cores with
 * VNNI) some 15 of them then share each request, which costs a third of what six requests of one's own cost, and the
 * documents in flight bridge the wait (docs/performance.md). A caller who is alone waits for nobody.
 */
const msForEach = 50;
const mostMs = 200;
/** A faster embedder need not wait: so many items share the costs of a request well enough. */
const enough = 24;

/** The calls that one writer has under way. */
export interface Company {
  join<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Requests wait for one another while several calls are under way. */
  readonly pace: Pace;
}

export function createCompany(): Company {
  let present = 0;
  return {
    async join(work) {
      present++;
      try {
        return await work();
      } finally {
        present--;
      }
    },
    pace: { everyMs: () => (present < 2 ? 0 : Math.min(mostMs, present * msForEach)), enough },
  };
}
