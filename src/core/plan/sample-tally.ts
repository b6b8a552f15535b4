import { chunkDocument } from "../chunking/chunk.ts";
import type { Cutting } from "../ingest/pipeline.ts";
import type { ParsedDocument } from "../types.ts";
import { createTextSample } from "./text-sample.ts";
import { addCounts, type Counts, noCounts, timesCounts, type Unit } from "./unit.ts";

/** Parts of a document that was read by its beginning: how much they differ tells how much the rest may. */
export const parts = 32;
/** Texts kept of one document, for the measurement of the rate. */
const textsKept = 64;

export type Tally = ReturnType<typeof createTally>;

/** Counts what becomes of one document, part by part where it is read by its beginning. */
export function createTally() {
  const counted: Counts[] = [];
  const texts = createTextSample(textsKept);
  let faults = 0;
  let step = 0;
  let last = 0;
  let held = noCounts;
  let span = { from: 0, to: 1 };
  const add = (part: number | undefined, counts: Counts) => {
    if (part === undefined) held = addCounts(held, counts);
    else counted[part] = addCounts(counted[part] ?? noCounts, counts);
  };
  const flush = () => {
    const { from, to } = span;
    for (let part = Math.floor(from); part < to; part++) {
      const share = (Math.min(to, part + 1) - Math.max(from, part)) / (to - from);
      if (share > 0) add(part, timesCounts(held, share));
    }
    held = noCounts;
  };
  return {
    get faults() {
      return faults;
    },
    fault: () => void faults++,
    /** What comes from here on lies between these, in parts; what came before goes where it was said to. */
    spread(from: number, to: number): void {
      flush();
      span = { from, to };
    },
    async document(
      document: ParsedDocument,
      cutting: Cutting,
      partOf: ((start: number) => number) | undefined,
      signal: AbortSignal | undefined,
    ): Promise<void> {
      const chunking = await cutting.chunking(signal);
      add(partOf?.(0), { ...noCounts, records: 1 });
      for (const { embedded, content, start } of chunkDocument(document, chunking)) {
        texts.add(embedded);
        add(partOf?.(start), {
          records: 0,
          chunks: 1,
          characters: content.length,
          textBytes: Buffer.byteLength(embedded),
          tokens: chunking.countTokens(embedded) + 2,
        });
      }
    },
    /** How many bytes of the beginning count, and how many it has. */
    reached(bytes: number, of: number): void {
      step = of / parts;
      last = bytes;
    },
    /** Of a document that was read whole. */
    counts: () => held,
    units(): Unit[] {
      const count = Math.max(1, Math.ceil(last / step));
      return Array.from({ length: count }, (_, part) => ({
        ...(counted[part] ?? noCounts),
        bytes: Math.min(step, last - part * step),
      }));
    },
    texts: () => texts.all(),
  };
}
