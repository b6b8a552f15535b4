import { scratchSettings, suiteWithWeaviate } from "../../../../test/support/weaviate.ts";
import { CONTRACT_RANGE_KEYS, storeContract } from "../store.contract.ts";
import { createWeaviateStore, dropCollections } from "./store.ts";

const skips = {
  "a second writer is refused while the first lives, and let in after":
    "any number of writers may be at work: rows are immutable, and the greatest order counts",
};

for (const nodes of [1, 3] as const) {
  await suiteWithWeaviate(`a Weaviate of ${nodes === 1 ? "one node" : "three nodes"}`, { nodes }, (weaviate) => {
    storeContract("Weaviate", {
      identity: { model: "contract/model", dimensions: 16, revision: "1" },
      skips,
      async create() {
        const settings = scratchSettings(weaviate(), { rangeKeys: CONTRACT_RANGE_KEYS });
        return { store: createWeaviateStore(settings), cleanup: () => dropCollections(settings) };
      },
    });
  });
}
