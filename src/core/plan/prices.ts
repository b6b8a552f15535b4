import type { TokenPrice } from "../answer/types.ts";
import { exactly, type Range } from "./range.ts";

/** What is priced, and for how much of it. Each may be missing from a price list: its line is left out then, and said so. */
export const priceUnits = {
  clusterHour: "hour",
  nodeHour: "hour",
  spotNodeHour: "hour",
  balancedDiskGibMonth: "GiB-month",
  ssdDiskGibMonth: "GiB-month",
  loadBalancerHour: "hour",
  googleVpnTunnelHour: "hour",
  awsVpnConnectionHour: "hour",
  interfaceEndpointHour: "hour",
  bucketClassA: "1,000 requests",
  bucketClassB: "1,000 requests",
  crossCloudGb: "GB",
  lambdaGbSecondX86: "GB-second",
  lambdaGbSecondArm: "GB-second",
  lambdaRequests: "1,000,000 requests",
  restApiRequests: "1,000,000 requests",
} as const;

export type PriceName = keyof typeof priceUnits;

export interface Price {
  /** In the list's currency; from and to, where it varies. */
  readonly amount: number | readonly [from: number, to: number];
  readonly unit: (typeof priceUnits)[PriceName];
  /** For people: "e2-standard-4, on demand". */
  readonly what: string;
  /** The page that tells what it is now. */
  readonly source: string;
}

/** What a language model costs, in the list's currency. */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
  readonly unit: "1,000,000 tokens";
  readonly what: string;
  readonly source: string;
}

export interface PriceList {
  /** A year, a month or a day: 2026, 2026-03, 2026-03-01. */
  readonly asOf: string;
  /** ISO 4217. */
  readonly currency: string;
  readonly regions: readonly string[];
  readonly prices: Readonly<Partial<Record<PriceName, Price>>>;
  /** By `<provider>:<model>`, as `ISTHMUS_GENERATOR` names them. */
  readonly models?: Readonly<Record<string, ModelPrice>>;
}

/**
 * Undefined where the list has no such model, or is in another currency than dollars. Bedrock's inference profiles (`eu.amazon.nova…`) cost what
 * their model does.
 */
export function tokenPriceOf(list: PriceList, provider: string, model: string): TokenPrice | undefined {
  const plain = provider === "bedrock" ? model.replace(/^(?:us|us-gov|eu|apac|jp|au|ca|global)\./, "") : model;
  const price = list.models?.[`${provider}:${model}`] ?? list.models?.[`${provider}:${plain}`];
  if (price === undefined || list.currency !== "USD") return undefined;
  return { inputDollars: price.input, outputDollars: price.output, asOf: list.asOf };
}

const monthsThatHold = 6;

/** The list is older than six months, or does not say a date that there is. */
export function isOld({ asOf }: Pick<PriceList, "asOf">, now: Date): boolean {
  const until = new Date(asOf);
  until.setUTCMonth(until.getUTCMonth() + monthsThatHold);
  return !(now.getTime() < until.getTime());
}

/** Undefined where the list has no such price. */
export function priceOf(list: PriceList, name: PriceName): Range | undefined {
  const amount = list.prices[name]?.amount;
  if (amount === undefined) return undefined;
  if (typeof amount === "number") return exactly(amount);
  const [low, high] = amount;
  return { low, expected: (low + high) / 2, high };
}
