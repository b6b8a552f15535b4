import { IsthmusError } from "../../../core/errors.ts";
import { record } from "../../../core/record.ts";
import type { ObjectRef } from "../../../core/types.ts";
import { gcsUri } from "./location.ts";

/** What is asked of each object; without it the API sends some 30 fields. */
export const objectFields = "name,generation,size,contentType,timeCreated,md5Hash";

/**
 * An object resource as a reference. The time is that of the bytes, not of the last change of metadata.
 *
 * @returns undefined for the empty object that stands for a folder (a name that ends in "/").
 * @throws `source_unavailable` for something that is no object resource.
 */
export function toObjectRef(bucket: string, resource: unknown): ObjectRef | undefined {
  const { name, generation, size, contentType, timeCreated, md5Hash } = record(resource);
  const order = Number(generation);
  const bytes = Number(size);
  const created = new Date(String(timeCreated));
  const known =
    typeof name === "string" &&
    typeof generation === "string" &&
    Number.isSafeInteger(order) &&
    Number.isSafeInteger(bytes) &&
    !Number.isNaN(created.getTime());
  if (!known) {
    const where = JSON.stringify(gcsUri(bucket, String(name)));
    throw new IsthmusError(
      "source_unavailable",
      `The answer for ${where} is no object of Google Cloud Storage. Check STORAGE_EMULATOR_HOST and any proxy on the way.`,
    );
  }
  if (name.endsWith("/") && bytes === 0) return undefined;
  return {
    uri: gcsUri(bucket, name),
    version: generation,
    generation: order,
    size: bytes,
    ...(typeof contentType === "string" && contentType !== "" && { contentType }),
    updatedAt: created.toISOString(),
    // Composite objects have none.
    ...(typeof md5Hash === "string" && md5Hash !== "" && { digest: `md5:${md5Hash}` }),
  };
}
