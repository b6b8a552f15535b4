import { IsthmusError } from "../errors.ts";
import type { IngestEvent } from "../ingest-types.ts";
import type { ListingSpill, Source } from "../ports.ts";
import type { ObjectRef } from "../types.ts";
import { inScope } from "./scope.ts";

/** Faulty places told one by one; with more of them the listing as a whole counts as unreadable. */
const faultsKept = 1000;
const refsPerBatch = 500;

/** The part of the scope that could not be listed: nothing there may be taken for deleted. */
export interface UnlistedPlaces {
  readonly faults: readonly { readonly uri: string; readonly error: IsthmusError }[];
  hides(uri: string): boolean;
}

/** Streams the source's listing into the spill; memory stays flat whatever its length. */
export async function spillListing(
  source: Source,
  spill: ListingSpill,
  emit: (event: IngestEvent) => void,
  signal?: AbortSignal,
): Promise<UnlistedPlaces> {
  const faults: { uri: string; error: IsthmusError }[] = [];
  let batch: ObjectRef[] = [];
  const flush = () => {
    spill.add(batch);
    batch = [];
    emit({ kind: "listing", objects: spill.count, bytes: spill.bytes });
  };
  for await (const item of source.list(signal)) {
    signal?.throwIfAborted();
    if (item.kind === "object") batch.push(item.ref);
    else if (faults.length < faultsKept) faults.push({ uri: item.uri, error: item.error });
    else {
      throw new IsthmusError(
        "source_unreadable",
        `More than ${faultsKept} places under ${source.scope} cannot be read, the last one ${item.uri}; check the permissions of the whole source.`,
        { cause: item.error },
      );
    }
    if (batch.length >= refsPerBatch) flush();
  }
  flush();
  emit({ kind: "listed", objects: spill.count, bytes: spill.bytes });
  // A place that cannot be read may have been a file as well as a folder (a dangling link): "x/" hides "x" too.
  return { faults, hides: (uri) => faults.some((fault) => inScope(uri, fault.uri) || `${uri}/` === fault.uri) };
}
