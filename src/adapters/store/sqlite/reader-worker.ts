import { parentPort, workerData } from "node:worker_threads";
import { storeFailure } from "./failures.ts";
import { createInterrupt } from "./interrupt.ts";
import { createReader, type IndexReader, type ReaderSettings } from "./reader.ts";
import { guardAll, type WithInterruptFlag } from "./rpc.ts";
import { serve } from "./rpc-worker.ts";

/** The methods of the reader's worker, by name. */
export type ReaderMethods = { open(): void } & Omit<IndexReader, "warm" | "current">;

const settings = workerData as ReaderSettings & WithInterruptFlag;
const interrupt = createInterrupt(settings.interruptFlag);
let reader: IndexReader | undefined;

function opened(): IndexReader {
  reader ??= createReader(settings, interrupt);
  return reader;
}

/** Behind the caller's back, who has an embedder to load meanwhile; what is wrong the first search will say. */
function warm(): void {
  try {
    reader?.warm();
  } catch {
    // See above.
  }
}

const methods: ReaderMethods = {
  open() {
    opened();
    setImmediate(warm);
  },
  search: (query) => opened().search(query),
  termWeights: (terms, hits) => opened().termWeights(terms, hits),
  passages: (uri, from, limit) => opened().passages(uri, from, limit),
  check: () => opened().check(),
  verified: () => opened().verified(),
  heldPage: (prefix, after, limit) => opened().heldPage(prefix, after, limit),
  entries: (uris) => opened().entries(uris),
  page: (prefix, after, limit) => opened().page(prefix, after, limit),
  count: (prefix) => opened().count(prefix),
  close: () => reader?.close(),
};

if (parentPort !== null)
  serve(
    parentPort,
    guardAll(methods, (thrown) => storeFailure(thrown, settings.file)),
    interrupt.begin,
  );
