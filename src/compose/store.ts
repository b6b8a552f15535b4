import { randomBytes } from "node:crypto";
import { createSqliteStore } from "../adapters/store/sqlite/store.ts";
import { fixedKey, keyFromFile } from "../adapters/store/weaviate/keys.ts";
import type { WeaviateSettings, Wire } from "../adapters/store/weaviate/settings.ts";
import type { Settings } from "../config/settings.ts";
import type { WeaviateAccess } from "../config/weaviate.ts";
import type { Store } from "../core/ports.ts";
import { shownAddress } from "../core/redact.ts";

/** The store that the settings name. Nothing is opened, nor connected to, before it is used. */
export function openStore(settings: Settings, wire?: Wire): Store {
  const { weaviate, dataDir, rangeKeys } = settings;
  if (weaviate === undefined) return createSqliteStore({ directory: dataDir, rangeKeys });
  return weaviateStore({ ...weaviateSettings(weaviate, rangeKeys), wire });
}

/** Where the index lies, for people. */
export function placeOf(settings: Settings): string {
  const { weaviate, dataDir } = settings;
  return weaviate === undefined ? dataDir : `${weaviate.collection} at ${shownAddress(weaviate.url)}`;
}

/** A store with nothing in it, of the kind that the settings name, and the way to remove it again. */
export function scratchStore(settings: Settings, folder: string): { store: Store; remove(): Promise<void> } {
  const { weaviate, rangeKeys } = settings;
  if (weaviate === undefined) {
    return { store: createSqliteStore({ directory: folder, rangeKeys }), remove: async () => {} };
  }
  const collection = `IsthmusScratch${randomBytes(6).toString("hex")}`;
  const scratch = weaviateSettings({ ...weaviate, collection }, rangeKeys);
  return {
    store: weaviateStore(scratch),
    remove: async () => (await loadWeaviate()).dropCollections(scratch),
  };
}

/** Loaded by those who use it: a run on the local index does not pay for its parts. */
function loadWeaviate() {
  return import("../adapters/store/weaviate/store.ts");
}

function weaviateStore(settings: WeaviateSettings): Store {
  return {
    name: "weaviate",
    openWriter: async (...given) => (await loadWeaviate()).createWeaviateStore(settings).openWriter(...given),
    openReader: async (...given) => (await loadWeaviate()).createWeaviateStore(settings).openReader(...given),
    openAudit: async (...given) => (await loadWeaviate()).createWeaviateStore(settings).openAudit(...given),
  };
}

/** What the adapter takes, from what the environment says. */
export function weaviateSettings(access: WeaviateAccess, rangeKeys: readonly string[]): WeaviateSettings {
  const { apiKey, apiKeyFile, ...rest } = access;
  return { ...rest, rangeKeys, keys: apiKeyFile === undefined ? fixedKey(apiKey) : keyFromFile(apiKeyFile) };
}
