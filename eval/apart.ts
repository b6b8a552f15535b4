import type { Quality } from "./measure.ts";

/** The stores must rank alike: how far nDCG@10 of their hybrid search may lie apart. */
export const storesApart = 0.005;

/** How far the stores' hybrid search lies apart on one set, nDCG@10. */
export function distance(left: Quality, right: Quality): number {
  return Math.abs(left.hybrid["ndcg@10"] - right.hybrid["ndcg@10"]);
}

/** A line where that is too far, none where it is not. */
export function tooFarApart(set: string, apart: number): string[] {
  if (apart <= storesApart) return [];
  return [`${set}: hybrid search of the stores lies ${apart.toFixed(4)} apart, more than ${storesApart}`];
}
