import assert from "node:assert/strict";
import type { Weaviate } from "../../../../test/peers/weaviate.ts";
import { scratchSettings } from "../../../../test/support/weaviate.ts";
import { attempt, index, rejectsWith } from "../contract/harness.ts";
import type { WeaviateSettings } from "./settings.ts";
import { createWeaviateStore, dropCollections } from "./store.ts";

export const identity = { model: "test/model", dimensions: 16, revision: "1" };

/** The document of `withDocument`. */
export const URI = "gs://bucket/a.txt";

/** What a call that must fail with this code says; and that it gives no key away. */
export async function message(failing: Promise<unknown>, code: string): Promise<string> {
  let text = "";
  await assert.rejects(failing, (thrown) => {
    rejectsWith(code)(thrown);
    text = (thrown as Error).message;
    return true;
  });
  assert.doesNotMatch(text, /peer-|canary/, "no key in a message");
  return text;
}

/** A store with a document in it; removed again at the end. */
export async function withDocument(
  weaviate: Weaviate,
  use: (settings: WeaviateSettings, running: Weaviate) => Promise<void>,
): Promise<void> {
  const settings = scratchSettings(weaviate);
  const store = createWeaviateStore(settings);
  const writer = await store.openWriter(identity);
  const reader = await store.openReader(identity);
  try {
    await index({ store, identity, writer, reader }, attempt(URI), [{}]);
    await use(settings, weaviate);
  } finally {
    await writer.close();
    await reader.close();
    await dropCollections(settings);
  }
}
