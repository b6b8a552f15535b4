import { mapInOrder } from "../concurrency.ts";
import { present } from "../errors.ts";
import type { Cutting } from "../ingest/pipeline.ts";
import { type Reading, readSample } from "./read-sample.ts";
import type { Candidate, Stratum } from "./stratum.ts";

/** Of a small stratum that many documents are read all the same, for two tell little of a spread. */
const leastOfStratum = 5;
/** Bytes read of one large document: enough for the parts of its beginning to tell something, and little of the whole. */
const leastBeginning = 256 * 1024;
const greatestBeginning = 4 * 2 ** 20;
/** Of the bytes, so that a huge file leaves some for the small ones. */
const forBeginnings = 0.8;
const readAtOnce = 4;

export interface SampleLimits {
  /** Documents in all, about: small strata have a few more. */
  readonly documents: number;
  /** Bytes in all, about: what is begun is read to its end. */
  readonly bytes: number;
  readonly maxFileBytes: number;
}

/** A stratum with what was read of it. */
export interface SampledStratum {
  readonly stratum: Stratum;
  readonly readings: readonly Reading[];
}

interface Pick {
  readonly at: number;
  readonly candidate: Candidate;
  /** Bytes of it that are read. */
  readonly limit: number;
}

/**
 * Reads some documents of every stratum, the more of those that hold more bytes. The largest share of what is unknown is
 * read first; what goes over the limit of bytes is left unread, save one document of each kind.
 */
export async function readSamples(
  strata: readonly Stratum[],
  cutting: Cutting,
  limits: SampleLimits,
  options: { readonly signal?: AbortSignal; readonly onRead?: (done: number, total: number) => void } = {},
): Promise<SampledStratum[]> {
  const picks = choose(strata, limits);
  const readings: Reading[][] = strata.map(() => []);
  let done = 0;
  options.onRead?.(0, picks.length);
  async function* all() {
    yield* picks;
  }
  const read = async ({ at, candidate, limit }: Pick) => ({
    at,
    reading: await readSample(candidate, cutting, limit, limits.maxFileBytes, options.signal),
  });
  for await (const { at, reading } of mapInOrder(all(), readAtOnce, read)) {
    options.signal?.throwIfAborted();
    readings[at]?.push(reading);
    options.onRead?.(++done, picks.length);
  }
  return strata.map((stratum, at) => ({ stratum, readings: present(readings[at], `the readings of stratum ${at}`) }));
}

/** In rounds: the first document of every stratum before the second of any. */
function choose(strata: readonly Stratum[], limits: SampleLimits): Pick[] {
  const bytes = strata.reduce((sum, stratum) => sum + stratum.bytes, 0);
  const few = strata.reduce((sum, stratum) => sum + stratum.documents, 0) <= limits.documents;
  const kinds = new Set<string>();
  const picks: Pick[] = [];
  let planned = 0;
  const wanted = strata.map((stratum) => {
    const share = Math.ceil((limits.documents * stratum.bytes) / Math.max(1, bytes));
    return few ? stratum.drawn.length : Math.min(stratum.drawn.length, Math.max(share, leastOfStratum));
  });
  for (let round = 0; round < Math.max(0, ...wanted); round++) {
    for (const [at, stratum] of strata.entries()) {
      const candidate = stratum.drawn[round];
      if (candidate === undefined || round >= (wanted[at] ?? 0)) continue;
      const fair = (forBeginnings * limits.bytes * stratum.bytes) / Math.max(1, bytes) / (wanted[at] ?? 1);
      const limit = Math.min(greatestBeginning, Math.max(leastBeginning, Math.floor(fair)));
      const cost = readWhole(stratum.kind) ? candidate.ref.size : Math.min(limit, candidate.ref.size);
      if (planned + cost > limits.bytes && kinds.has(stratum.kind)) continue;
      kinds.add(stratum.kind);
      planned += cost;
      picks.push({ at, candidate, limit });
    }
  }
  return picks;
}

/** A beginning of these cannot be read. */
function readWhole(kind: string): boolean {
  return kind.startsWith("application/") && !kind.endsWith("jsonl");
}
