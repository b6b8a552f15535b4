import { type PriceList, type PriceName, priceOf } from "./prices.ts";
import { exactly, plus, type Range, times } from "./range.ts";

/** One line of what something costs. */
export interface CostLine {
  readonly name: PriceName;
  /** What is paid for, for people. */
  readonly what: string;
  /** How much of it, in the price's unit. */
  readonly quantity: Range;
  /** In the list's currency. */
  readonly cost: Range;
}

export interface Costs {
  readonly lines: readonly CostLine[];
  /** Prices that the list does not have, and that are missing from the sum. */
  readonly missing: readonly PriceName[];
  readonly sum: Range;
}

export interface Charge {
  readonly name: PriceName;
  readonly what: string;
  readonly quantity: Range;
}

/** Prices what is used by the list; what the list has no price for is named, and never taken for free. */
export function priced(charges: readonly Charge[], list: PriceList): Costs {
  const lines: CostLine[] = [];
  const missing: PriceName[] = [];
  for (const charge of charges) {
    const price = priceOf(list, charge.name);
    if (price === undefined) missing.push(charge.name);
    else lines.push({ ...charge, cost: times(charge.quantity, price) });
  }
  return { lines, missing, sum: lines.reduce((sum, line) => plus(sum, line.cost), exactly(0)) };
}

/** Objects that one request of a listing gives. Source: https://cloud.google.com/storage/docs/json_api/v1/objects/list */
const objectsPerListing = 1000;

export interface IngestUse {
  /** Seconds of work over all pods, a pod to a node. */
  readonly workSeconds: Range;
  readonly pods: number;
  readonly spot: boolean;
  /** Objects of buckets: those listed (by every pod), and those read. */
  readonly listed: number;
  readonly read: number;
}

/** What one ingest costs, once. */
export function ingestCharges(use: IngestUse): Charge[] {
  const hours = times(use.workSeconds, exactly(1 / 3600));
  const node: Charge = { name: use.spot ? "spotNodeHour" : "nodeHour", what: "ingestion nodes", quantity: hours };
  if (use.listed === 0) return [node];
  const listings = Math.ceil(use.listed / objectsPerListing) * use.pods;
  return [
    node,
    { name: "bucketClassA", what: "listing the bucket", quantity: exactly(listings / 1000) },
    { name: "bucketClassB", what: "reading objects", quantity: exactly(use.read / 1000) },
  ];
}

const gib = 2 ** 30;

/**
 * What the disk under the new chunks costs for a month, in the two shapes of docs/operations/costs.md.
 *
 * @param bytesOfOneCopy in Weaviate, which both shapes run.
 */
export function storageCharges(bytesOfOneCopy: Range): { readonly starter: Charge; readonly production: Charge } {
  const copies = (count: number) => times(bytesOfOneCopy, exactly(count / gib));
  return {
    starter: { name: "balancedDiskGibMonth", what: "one copy in Weaviate, balanced disk", quantity: copies(1) },
    production: { name: "ssdDiskGibMonth", what: "three copies in Weaviate, SSD", quantity: copies(3) },
  };
}
