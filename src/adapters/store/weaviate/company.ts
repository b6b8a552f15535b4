import type { Pace } from "./gathering.ts";

/**
 * A document passes six requests one after the other. The more documents are half-way through, the longer a request waits
 * for others to share it: 50 ms for each of them, up to 200 ms. At 75 documents a second (the shipped model on two cores
 * with VNNI) some 15 of them then share each request, which halves what an ingest costs beside embedding, and the documents
 * in flight bridge the wait (docs/performance.md). A document alone waits for nobody.
 */
const msForEach = 50;
const mostMs = 200;
/** A faster embedder need not wait: so many items share the costs of a request well enough. */
const enough = 24;

/** Documents of one writer that are half-way through: written to, and not yet settled. */
export interface Company {
  /** Runs one step of a document that goes on. A step that fails leaves nobody waiting for the next one. */
  step<Result>(uri: string, work: () => Promise<Result>): Promise<Result>;
  /** Runs the last step of a document. */
  lastStep<Result>(uri: string, work: () => Promise<Result>): Promise<Result>;
  readonly pace: Pace;
}

export function createCompany(): Company {
  const halfWay = new Set<string>();
  return {
    async step(uri, work) {
      halfWay.add(uri);
      try {
        return await work();
      } catch (error) {
        halfWay.delete(uri);
        throw error;
      }
    },
    async lastStep(uri, work) {
      try {
        return await work();
      } finally {
        halfWay.delete(uri);
      }
    },
    pace: { everyMs: () => (halfWay.size < 2 ? 0 : Math.min(mostMs, halfWay.size * msForEach)), enough },
  };
}
