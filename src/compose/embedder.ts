import { join } from "node:path";
// For a program that imports the engine here and uses it in a worker thread.
import "../adapters/embedder/telemetry-off.ts";
import { createOnnxEmbedder } from "../adapters/embedder/onnx.ts";
import { bundledModelDirectory } from "../adapters/model/bundled.ts";
import type { FetchProgress } from "../adapters/model/fetch.ts";
import type { Settings } from "../config/settings.ts";
import type { Embedder } from "../core/ports.ts";

export type { FetchProgress };

export interface EmbedderListener {
  readonly onFetchProgress?: (progress: FetchProgress) => void;
  readonly signal?: AbortSignal;
  /** Asks the hub again which commit a branch is, and checks what is cached. */
  readonly refresh?: boolean;
}

/** Fetched models are kept with the other local state. */
export function modelCacheDirectory(settings: Settings): string {
  return join(settings.dataDir, "models");
}

/** The folder of the model that the settings name, fetched first if it is not there; undefined with a remote embedder. */
export async function modelDirectory(settings: Settings, listener: EmbedderListener = {}): Promise<string | undefined> {
  if (settings.remoteEmbedder !== undefined) return undefined;
  if (settings.model === undefined) return bundledModelDirectory();
  const { fetchModel } = await import("../adapters/model/fetch.ts");
  return await fetchModel({
    spec: settings.model,
    hubUrl: settings.hubUrl,
    cacheDir: modelCacheDirectory(settings),
    ...(listener.onFetchProgress && { onProgress: listener.onFetchProgress }),
    ...(listener.signal && { signal: listener.signal }),
    refresh: listener.refresh,
  });
}

/**
 * The embedder that the settings ask for: the model that ships, another one by name, or a remote endpoint. A named model is
 * fetched now, but no model is loaded before a text needs it; nor is the way to the others for who has the one that ships.
 */
export async function openEmbedder(settings: Settings, listener: EmbedderListener = {}): Promise<Embedder> {
  if (settings.remoteEmbedder !== undefined) {
    const { createOpenAICompatibleEmbedder } = await import("../adapters/embedder/openai-compatible.ts");
    return createOpenAICompatibleEmbedder(settings.remoteEmbedder);
  }
  const directory = await modelDirectory(settings, listener);
  return await createOnnxEmbedder({ directory: directory ?? bundledModelDirectory(), workers: settings.workers });
}
