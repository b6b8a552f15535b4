import assert from "node:assert/strict";
import { test } from "node:test";
import { suiteWithWeaviate } from "../../../../test/support/weaviate.ts";
import { verifyIndex } from "../../../core/verify.ts";
import { identity, withDocument } from "./failures.testing.ts";
import { serverFailure } from "./failures.ts";
import { fixedKey } from "./keys.ts";
import { createWeaviateStore } from "./store.ts";

test("a role that may not is named at once, and not waited for", () => {
  const said = "rbac: authorization, forbidden action: user 'reader' has insufficient permissions to create_data";
  const failure = serverFailure(said, "http://weaviate:50051");
  assert.equal(failure.code, "store_denied");
  assert.equal(failure.retryable, false);
  assert.match(failure.message, /\(403\).*role may write/);
});

const users = { AUTHORIZATION_ADMINLIST_ENABLED: "true", AUTHORIZATION_ADMINLIST_USERS: "admin,writer" };

await suiteWithWeaviate(
  "a Weaviate that lets a key read and no more",
  { environment: { ...users, AUTHORIZATION_ADMINLIST_READONLY_USERS: "reader" } },
  (weaviate) => {
    test("such a key verifies the index, and keeps nothing of what it found", () =>
      withDocument(weaviate(), async (settings, { keys }) => {
        const store = createWeaviateStore({ ...settings, keys: fixedKey(keys.reader) });
        const audit = await store.openAudit(identity, "look");
        const reader = await store.openReader(identity);
        try {
          const { documents, chunks, damaged, orphaned } = await verifyIndex(audit);
          assert.deepEqual([documents, chunks, damaged, orphaned.attempts], [1, 1, 0, 0]);
          assert.equal(await reader.verified(), undefined);
        } finally {
          await audit.close();
          await reader.close();
        }
      }));
  },
);
