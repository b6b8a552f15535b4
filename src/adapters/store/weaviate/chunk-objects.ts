import { create } from "@bufbuild/protobuf";
import type { Attempt, Hit, Metadata, StoredChunk } from "../../../core/types.ts";
import { toBytes } from "../vector-bytes.ts";
import { chunkObjectId, uriKey } from "./ids.ts";
import { metadataPairs, rangeValues } from "./metadata-values.ts";
import { fieldsOf } from "./properties.ts";
import { type BatchObject, BatchObjectSchema, type SearchResult } from "./rpc/weaviate_pb.ts";

/** A chunk as the object that Weaviate keeps. @param id of the attempt. */
export function chunkObject(
  collection: string,
  id: string,
  attempt: Attempt,
  chunk: StoredChunk,
  rangeKeys: readonly string[],
): BatchObject {
  const pairs = metadataPairs(chunk.metadata);
  return create(BatchObjectSchema, {
    collection,
    uuid: chunkObjectId(id, chunk.id),
    vectorBytes: toBytes(chunk.vector),
    properties: {
      nonRefProperties: {
        content: chunk.content,
        title: chunk.title,
        heading: chunk.heading,
        uri: attempt.uri,
        uriKey: uriKey(attempt.uri),
        attempt: id,
        generation: attempt.order.generation,
        reindex: attempt.order.reindex,
        version: attempt.version,
        chunkId: chunk.id,
        ordinal: chunk.ordinal,
        ...(chunk.recordId !== undefined && { recordId: chunk.recordId }),
        start: chunk.start,
        end: chunk.end,
        textHash: chunk.textHash,
        terms: chunk.terms,
        metadataJson: JSON.stringify(chunk.metadata),
        ...rangeValues(chunk.metadata, rangeKeys),
      },
      ...(pairs.length > 0
        ? { textArrayProperties: [{ propName: "metadata", values: pairs }] }
        : { emptyListProps: ["metadata"] }),
    },
  });
}

/** What a search asks of a chunk. */
export const hitProperties = [
  "content",
  "title",
  "heading",
  "uri",
  "version",
  "chunkId",
  "ordinal",
  "recordId",
  "start",
  "end",
  "metadataJson",
] as const;

/** What tells a chunk from others, and whether it counts. */
export const markProperties = ["uri", "attempt", "chunkId"] as const;

/** A chunk of a ranking, without what it says. */
export interface ChunkMark {
  readonly chunkId: string;
  readonly uri: string;
  readonly attempt: string;
}

export function chunkMark(result: SearchResult): ChunkMark {
  const fields = fieldsOf(result);
  return {
    chunkId: fields.text("chunkId"),
    uri: fields.text("uri"),
    attempt: fields.text("attempt"),
  };
}

/** What a chunk says, and where it stands. */
export function chunkContent(result: SearchResult): Omit<Hit, "score" | "rankings"> {
  const fields = fieldsOf(result);
  const recordId = fields.optionalText("recordId");
  return {
    chunkId: fields.text("chunkId"),
    uri: fields.text("uri"),
    version: fields.text("version"),
    ordinal: fields.integer("ordinal"),
    ...(recordId !== undefined && { recordId }),
    title: fields.text("title"),
    heading: fields.text("heading"),
    content: fields.text("content"),
    start: fields.integer("start"),
    end: fields.integer("end"),
    metadata: metadataOf(fields.text("metadataJson")),
  };
}

function metadataOf(json: string): Metadata {
  return json === "" ? {} : (JSON.parse(json) as Metadata);
}
