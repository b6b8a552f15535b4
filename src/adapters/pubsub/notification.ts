import { inScope } from "../../core/ingest/scope.ts";
import type { ObjectRef } from "../../core/types.ts";
import { gcsUri } from "../source/gcs/location.ts";
import { toObjectRef } from "../source/gcs/objects.ts";

/** Why a message says nothing that this index needs. */
export type Irrelevance =
  /** It is no notification of Cloud Storage. */
  | "malformed"
  /** Of another bucket, or of an object outside of the prefix. */
  | "foreign"
  /** Something else than the bytes changed. */
  | "metadata"
  /** The end of a version that another one replaced, which has a notification of its own. */
  | "overwritten"
  /** The empty object that stands for a folder. */
  | "folder";

export type Notified =
  | { readonly kind: "object"; readonly uri: string; readonly ref?: ObjectRef; readonly reindex: boolean }
  | { readonly kind: "irrelevant"; readonly why: Irrelevance };

const irrelevant = (why: Irrelevance): Notified => ({ kind: "irrelevant", why });

/**
 * Reads a notification of Cloud Storage: https://cloud.google.com/storage/docs/pubsub-notifications
 *
 * @param scope what is of interest: `gs://bucket/` or `gs://bucket/prefix/`, or one object.
 */
export function readNotification(
  attributes: Readonly<Record<string, string>>,
  data: Uint8Array,
  scope: string,
): Notified {
  const { bucketId, objectId, eventType } = attributes;
  if (bucketId === undefined || objectId === undefined || objectId === "" || eventType === undefined) {
    return irrelevant("malformed");
  }
  const uri = gcsUri(bucketId, objectId);
  if (!inScope(uri, scope)) return irrelevant("foreign");
  switch (eventType) {
    case "OBJECT_FINALIZE":
      return written(uri, attributes, data);
    case "OBJECT_DELETE":
    // In a bucket that keeps old versions the live one is archived where it would be deleted.
    case "OBJECT_ARCHIVE":
      if (attributes["overwrittenByGeneration"] !== undefined) return irrelevant("overwritten");
      return { kind: "object", uri, reindex: false };
    case "OBJECT_METADATA_UPDATE":
      return irrelevant("metadata");
    default:
      return irrelevant("malformed");
  }
}

/** With the object where the payload is one and is the one that the attributes name; else the live object is asked. */
function written(uri: string, attributes: Readonly<Record<string, string>>, data: Uint8Array): Notified {
  const { bucketId = "", objectGeneration } = attributes;
  const reindex = attributes["isthmusReindex"] === "true";
  const asked: Notified = { kind: "object", uri, reindex };
  if (attributes["payloadFormat"] !== "JSON_API_V1") return asked;
  try {
    const ref = toObjectRef(bucketId, JSON.parse(new TextDecoder().decode(data)));
    if (ref === undefined) return irrelevant("folder");
    return ref.uri === uri && ref.version === objectGeneration ? { ...asked, ref } : asked;
  } catch {
    return asked;
  }
}
