import { IsthmusError } from "../../src/core/errors.ts";
import type { ListedObject, ListingFault, Source } from "../../src/core/ports.ts";
import type { ObjectRef } from "../../src/core/types.ts";

interface Stored {
  readonly ref: ObjectRef;
  readonly pieces: readonly Uint8Array[];
}

/**
 * A bucket in memory: objects have generations, listings and reads name them, and older generations stay readable (as in
 * a bucket with object versioning), so that nothing but the engine itself keeps an old one out of the index.
 */
export interface Bucket {
  readonly source: Source;
  /** Reads begun, by version, in order: `uri@generation`. */
  readonly reads: readonly string[];
  /** Streams that were begun and neither ended nor closed. */
  readonly openReads: number;
  uri(name: string): string;
  /** Writes the next generation. `size` is what the listing says, whatever the bytes; pieces are what a read yields. */
  put(name: string, content: string | readonly string[], size?: number): ObjectRef;
  delete(name: string): void;
  /** What a listing gives from now on instead of the live objects. */
  listAs(items: readonly (ObjectRef | ListingFault)[] | undefined): void;
  live(): ObjectRef[];
}

export function createBucket(scope = "gs://bucket/docs/"): Bucket {
  const objects = new Map<string, Stored>();
  const history = new Map<string, Stored>();
  const reads: string[] = [];
  let open = 0;
  let generation = 0;
  let listed: readonly (ObjectRef | ListingFault)[] | undefined;
  const key = ({ uri, version }: ObjectRef) => `${uri}@${version}`;
  const uriOf = (name: string) => (scope.endsWith("/") ? `${scope}${name}` : scope);
  const live = () => [...objects.values()].map((object) => object.ref);

  const source: Source = {
    scope,
    async *list() {
      for (const item of listed ?? live()) yield isFault(item) ? item : ({ kind: "object", ref: item } as ListedObject);
    },
    head: async (uri) => objects.get(uri)?.ref,
    async *read(ref) {
      reads.push(key(ref));
      open++;
      try {
        const stored = history.get(key(ref));
        if (stored === undefined) throw new IsthmusError("source_changed", `${ref.uri} has no such generation.`);
        yield* stored.pieces;
      } finally {
        open--;
      }
    },
    async close() {},
  };

  return {
    source,
    reads,
    get openReads() {
      return open;
    },
    uri: uriOf,
    put(name, content, size) {
      generation++;
      const pieces = [content].flat().map((piece) => new TextEncoder().encode(piece));
      const bytes = pieces.reduce((total, piece) => total + piece.length, 0);
      const uri = uriOf(name);
      const updatedAt = new Date(Date.UTC(2026, 0, 1) + generation).toISOString();
      const ref = { uri, version: String(generation), generation, size: size ?? bytes, updatedAt };
      const stored = { ref, pieces };
      objects.set(uri, stored);
      history.set(key(ref), stored);
      return ref;
    },
    delete: (name) => void objects.delete(uriOf(name)),
    listAs(items) {
      listed = items;
    },
    live,
  };
}

function isFault(item: ObjectRef | ListingFault): item is ListingFault {
  return "kind" in item;
}
