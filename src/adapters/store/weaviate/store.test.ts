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
        // A search runs on one replica, and with QUORUM writes it may come before the write has come there (ADR 9): the
        // contract speaks of what a write has reached. cluster.test.ts has the levels of production.
        const writeConsistency = nodes === 1 ? "ONE" : "ALL";
        const settings = scratchSettings(weaviate(), { rangeKeys: CONTRACT_RANGE_KEYS, writeConsistency });
        return { store: createWeaviateStore(settings), cleanup: () => dropCollections(settings) };
      },
    });
  });
}
