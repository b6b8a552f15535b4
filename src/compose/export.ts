import type { ExportedObject } from "../adapters/store/weaviate/export.ts";
import type { Settings } from "../config/settings.ts";
import { IsthmusError } from "../core/errors.ts";
import { weaviateSettings } from "./store.ts";

/** Every object of a Weaviate collection, whoever made it. @throws `config_invalid` without a Weaviate. */
export async function* exportCollection(
  settings: Settings,
  collection: string,
  property: string,
  signal?: AbortSignal,
): AsyncGenerator<ExportedObject> {
  if (settings.weaviate === undefined) throw new IsthmusError("config_invalid", "WEAVIATE_URL is not set.");
  const { exportObjects } = await import("../adapters/store/weaviate/export.ts");
  yield* exportObjects(weaviateSettings(settings.weaviate, settings.rangeKeys), collection, property, signal);
}
