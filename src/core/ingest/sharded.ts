import { sha256 } from "../identity.ts";
import type { Source } from "../ports.ts";

export interface Shard {
  /** From 0. */
  readonly index: number;
  /** Shards in all. */
  readonly count: number;
}

/** The shard of an object: the same in every process and run, and spread evenly whatever the names are like. */
export function shardOf(uri: string, count: number): number {
  return Number.parseInt(sha256(uri).slice(0, 8), 16) % count;
}

/**
 * One of several sources that together are the given one. Each object is one shard's alone, to write and to remove, so
 * the shards can run at the same time. Closing the shard closes the source.
 */
export function sharded(source: Source, { index, count }: Shard): Source {
  const owns = (uri: string) => shardOf(uri, count) === index && (source.owns?.(uri) ?? true);
  return {
    ...source,
    owns,
    async *list(signal) {
      for await (const item of source.list(signal)) {
        if (item.kind === "fault") {
          // A place that cannot be listed hides objects of every shard; of one object, its own shard tells.
          if (owns(item.uri) || item.uri.endsWith("/")) yield item;
        } else yield owns(item.ref.uri) ? item : { kind: "elsewhere", ref: item.ref };
      }
    },
    head: async (uri, signal) => (owns(uri) ? await source.head(uri, signal) : undefined),
  };
}
