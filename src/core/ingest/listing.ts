import type { IsthmusError } from "../errors.ts";
import type { IngestEvent } from "../ingest-types.ts";
import type { ListingSpill, Source } from "../ports.ts";
import type { ObjectRef } from "../types.ts";

const refsPerBatch = 500;

export interface ListingListener {
  readonly emit: (event: IngestEvent) => void;
  /** A place that cannot be read. */
  readonly fault: (uri: string, error: IsthmusError) => Promise<void>;
}

/** Streams the source's listing into the spill; memory stays flat whatever its length. */
export async function spillListing(
  source: Source,
  spill: ListingSpill,
  listener: ListingListener,
  signal?: AbortSignal,
): Promise<void> {
  let batch: ObjectRef[] = [];
  let elsewhere: ObjectRef[] = [];
  const flush = () => {
    spill.add(batch);
    spill.addElsewhere(elsewhere);
    batch = [];
    elsewhere = [];
    listener.emit({ kind: "listing", objects: spill.count, bytes: spill.bytes });
  };
  for await (const item of source.list(signal)) {
    signal?.throwIfAborted();
    if (item.kind === "object") {
      batch.push(item.ref);
    } else if (item.kind === "elsewhere") {
      elsewhere.push(item.ref);
    } else {
      spill.hide(item.uri);
      await listener.fault(item.uri, item.error);
    }
    if (batch.length + elsewhere.length >= refsPerBatch) flush();
  }
  flush();
  listener.emit({ kind: "listed", objects: spill.count, bytes: spill.bytes });
}
