import { randomBytes } from "node:crypto";
import { after, before } from "node:test";
import { startWeaviate, type Weaviate } from "../../../../test/peers/weaviate.ts";
import { CONTRACT_RANGE_KEYS, storeContract } from "../store.contract.ts";
import type { WeaviateSettings } from "./settings.ts";
import { createWeaviateStore } from "./store.ts";

let weaviate: Weaviate;
before(async () => {
  weaviate = await startWeaviate();
});
after(() => weaviate?.stop());

storeContract("Weaviate", {
  identity: { model: "contract/model", dimensions: 16, revision: "1" },
  async create() {
    const collection = `T${randomBytes(6).toString("hex")}`;
    const settings: WeaviateSettings = {
      url: weaviate.url,
      grpcUrl: weaviate.grpcUrl,
      keys: { current: async () => weaviate.keys.admin, refresh: async () => weaviate.keys.admin },
      collection,
      replicationFactor: 1,
      readConsistency: "ONE",
      writeConsistency: "ONE",
      rangeKeys: CONTRACT_RANGE_KEYS,
      timeoutMs: 30_000,
    };
    return {
      store: createWeaviateStore(settings),
      async cleanup() {
        for (const name of [collection, `${collection}Manifest`]) {
          await fetch(`${weaviate.url}/v1/schema/${name}`, {
            method: "DELETE",
            headers: { authorization: `Bearer ${weaviate.keys.admin}` },
          });
        }
      },
    };
  },
  skips: {
    "a second writer is refused while the first lives, and let in after":
      "writers need no lock on Weaviate: rows are immutable and the greatest order counts (DESIGN section 4)",
  },
});
