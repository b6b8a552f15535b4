import { type Costs, ingestCharges, priced, storageCharges } from "./cost.ts";
import type { Plan } from "./plan.ts";
import type { PriceList } from "./prices.ts";
import { nothing, type Range } from "./range.ts";
import { type StoreKind, storageOf } from "./storage.ts";
import { type Duration, durationOf, type Rate, speedOf } from "./time.ts";

export interface Circumstances {
  /** Chunks a second of one pod; undefined: as measured by the plan. */
  readonly chunksPerSecond: number | undefined;
  readonly shards: number;
  readonly spot: boolean;
  /** The documents lie in a bucket, whose requests are paid for. */
  readonly bucket: boolean;
  readonly store: StoreKind;
  readonly dimensions: number;
  readonly prices: PriceList;
}

/** How long an ingest takes, what it leaves on disk, and what both cost. */
export interface Forecast {
  /** Chunks a second of one pod, the whole of an ingest counted; undefined where nothing is known of it. */
  readonly chunksPerSecond: Range | undefined;
  readonly duration: Duration | undefined;
  /** Bytes that one copy of the new chunks takes in the store at hand. */
  readonly storage: Range;
  /** In the cloud, into Weaviate, whatever the store at hand; and so is the month. */
  readonly once: Costs | undefined;
  /** In the two shapes of docs/operations/costs.md. */
  readonly month: { readonly starter: Costs; readonly production: Costs };
}

export function forecast(plan: Plan, circumstances: Circumstances): Forecast {
  const { prices, shards, spot, bucket, store, dimensions } = circumstances;
  const { survey, all, largest } = plan;
  const rate = rateOf(plan, circumstances, store);
  const inCloud = rateOf(plan, circumstances, "weaviate");
  const documents = survey.added + survey.changed;
  const idle = all.chunks.high === 0 ? { work: nothing, elapsed: nothing } : undefined;
  const load = { ...all, documents };
  const durationAt = (given: Rate | undefined) =>
    idle ?? (given && durationOf(load, { ...largest, documents: 1 }, given, shards));
  const paid = durationAt(inCloud);
  const { starter, production } = storageCharges(storageOf(all, "weaviate", dimensions));
  const charges =
    paid &&
    ingestCharges({
      workSeconds: paid.work,
      pods: shards,
      spot,
      listed: bucket ? survey.objects : 0,
      read: documents,
    });
  return {
    chunksPerSecond: rate && speedOf(load, rate),
    duration: durationAt(rate),
    storage: storageOf(all, store, dimensions),
    once: charges && priced(charges, prices),
    month: { starter: priced([starter], prices), production: priced([production], prices) },
  };
}

function rateOf(plan: Plan, { chunksPerSecond }: Circumstances, store: StoreKind): Rate | undefined {
  if (chunksPerSecond !== undefined) return { kind: "given", chunksPerSecond };
  return plan.rate && { kind: "measured", tokensPerSecond: plan.rate.tokensPerSecond, store };
}
