import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changesContract } from "./changes.contract.ts";
import { fileUri } from "./file-uri.ts";
import { createFolderChanges } from "./folder-changes.ts";

changesContract("the watcher of a folder", async () => {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-changes-"));
  const changes = createFolderChanges(folder, (error) => assert.fail(error.message), { quietMs: 20, longestMs: 200 });
  await changes.ready;
  return {
    changes,
    happen: (name) => writeFile(join(folder, name), `${Math.random()}`),
    uri: (name) => fileUri(join(folder, name)),
    async close() {
      await changes.close();
      await rm(folder, { recursive: true });
    },
  };
});
