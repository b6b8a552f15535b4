import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CONTRACT_RANGE_KEYS, storeContract } from "../store.contract.ts";
import { createSqliteStore } from "./store.ts";

storeContract("SQLite", {
  identity: { model: "test/model", dimensions: 12, revision: "r1" },
  async create() {
    const folder = await mkdtemp(join(tmpdir(), "isthmus-store-"));
    return {
      store: createSqliteStore({ directory: join(folder, "index"), rangeKeys: CONTRACT_RANGE_KEYS }),
      cleanup: () => rm(folder, { recursive: true, force: true }),
    };
  },
});
