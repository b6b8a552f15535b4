import { IsthmusError } from "../../../core/errors.ts";

/** What `gs://bucket/name` names. The name is the object's own, verbatim: a `%`, `#` or `?` in it stands for itself. */
export interface GcsLocation {
  readonly bucket: string;
  /** An object's name, a prefix that ends in "/", or "" for the whole bucket. */
  readonly name: string;
}

/** By the rules for bucket names: https://cloud.google.com/storage/docs/buckets#naming */
const bucketName = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;

/** @throws `config_invalid` for what names no bucket. */
export function parseLocation(location: string): GcsLocation {
  const [, bucket = "", name = ""] = /^gs:\/\/([^/]*)\/?([\s\S]*)$/i.exec(location) ?? [];
  if (bucketName.test(bucket)) return { bucket, name };
  throw new IsthmusError(
    "config_invalid",
    `${JSON.stringify(location)} names no bucket: write gs://bucket, gs://bucket/folder/ or gs://bucket/object.`,
  );
}

/** The URI of an object, or of a prefix. */
export function gcsUri(bucket: string, name: string): string {
  return `gs://${bucket}/${name}`;
}

/** The name of the object that a URI means, or undefined for a URI of another bucket or scheme, or of the bucket itself. */
export function nameOfUri(uri: string, bucket: string): string | undefined {
  const start = gcsUri(bucket, "");
  return uri.startsWith(start) && uri.length > start.length ? uri.slice(start.length) : undefined;
}
