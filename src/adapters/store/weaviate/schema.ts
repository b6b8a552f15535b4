import { removedProperty } from "./manifest-objects.ts";
import { manifestCollection, type WeaviateSettings } from "./settings.ts";

/** Raised with every change of the properties below; kept in the collections' descriptions. */
export const schemaVersion = 1;

interface Property {
  readonly name: string;
  readonly dataType: readonly ["text" | "text[]" | "int" | "number"];
  readonly tokenization?: "field" | "whitespace";
  readonly indexFilterable: boolean;
  readonly indexSearchable?: boolean;
  readonly indexRangeFilters?: boolean;
}

/** Kept, and never looked up by. */
function kept(name: string, type: "text" | "int"): Property {
  const property = { name, dataType: [type], indexFilterable: false } as const;
  return type === "text" ? { ...property, tokenization: "field", indexSearchable: false } : property;
}

/** Looked up by its exact value. */
function exact(name: string, type: "text" | "text[]" = "text"): Property {
  return { name, dataType: [type], tokenization: "field", indexFilterable: true, indexSearchable: false };
}

/** The properties a declared metadata key has for ranges, one an axis; names that Weaviate allows, whatever the key. */
export function rangeProperty(key: string, axis: "number" | "date"): string {
  const name = /^[A-Za-z][A-Za-z0-9]{0,60}$/.test(key) ? key : `x${Buffer.from(key, "utf8").toString("hex")}`;
  return `${axis}_${name}`;
}

export function rangeProperties(rangeKeys: readonly string[]): Property[] {
  return rangeKeys.flatMap((key) =>
    (["number", "date"] as const).map((axis) => ({
      name: rangeProperty(key, axis),
      dataType: ["number"] as const,
      indexFilterable: false,
      indexRangeFilters: true,
    })),
  );
}

const invertedIndex = {
  // As FTS5 has them, so that keywords rank alike on both stores.
  bm25: { k1: 1.2, b: 0.75 },
  // The terms come analysed: nothing more is left out.
  stopwords: { preset: "none", additions: [], removals: [] },
} as const;

function common(settings: WeaviateSettings, description: string) {
  return {
    description,
    vectorizer: "none",
    invertedIndexConfig: invertedIndex,
    replicationConfig: {
      factor: settings.replicationFactor,
      // A replica that was away while an object was deleted must not bring it back.
      deletionStrategy: "TimeBasedResolution",
      ...(settings.replicationFactor > 1 && { asyncEnabled: true }),
    },
    ...(settings.shards !== undefined && { shardingConfig: { desiredCount: settings.shards } }),
  };
}

/** The collection of the chunks. `content` is what the prototype had; the rest is ours. */
export function chunkCollectionSchema(settings: WeaviateSettings, description: string) {
  return {
    class: settings.collection,
    ...common(settings, description),
    vectorIndexType: "hnsw",
    vectorIndexConfig: {
      distance: "cosine",
      // 8-bit rotational quantisation; the best candidates are scored again by their float32 vectors.
      rq: { enabled: true, bits: 8, rescoreLimit: 20 },
      // How many candidates the graph is searched for: 200, or twice the hits wanted. Hybrid search asks for 100 of each
      // ranking; the server's own factor of 8 made that 500, at a quarter of the time of a whole query.
      dynamicEfMin: 200,
      dynamicEfFactor: 2,
    },
    properties: [
      kept("content", "text"),
      kept("title", "text"),
      kept("heading", "text"),
      kept("uri", "text"),
      exact("uriKey"),
      exact("attempt"),
      kept("generation", "int"),
      kept("reindex", "int"),
      kept("version", "text"),
      kept("chunkId", "text"),
      kept("ordinal", "int"),
      kept("recordId", "text"),
      kept("start", "int"),
      kept("end", "int"),
      exact("textHash"),
      {
        name: "terms",
        dataType: ["text"],
        tokenization: "whitespace",
        indexFilterable: false,
        indexSearchable: true,
      } satisfies Property,
      exact("metadata", "text[]"),
      kept("metadataJson", "text"),
      ...rangeProperties(settings.rangeKeys),
    ],
  };
}

/** Properties that a manifest did not have from the beginning: the next writer adds them, and who does not know them reads on. */
export const manifestAdditions: readonly Property[] = [
  { name: removedProperty, dataType: ["int"], indexFilterable: false, indexRangeFilters: true },
];

/** The collection of the manifest: rows of commits, failures, and deletions that are held. It has no vectors. */
export function manifestCollectionSchema(settings: WeaviateSettings, description: string) {
  return {
    class: manifestCollection(settings),
    ...common(settings, description),
    vectorIndexType: "hnsw",
    vectorIndexConfig: { skip: true },
    properties: [
      kept("uri", "text"),
      exact("uriKey"),
      exact("state"),
      { name: "chunks", dataType: ["int"], indexFilterable: true } satisfies Property,
      kept("row", "text"),
      ...manifestAdditions,
    ],
  };
}
