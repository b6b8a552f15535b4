import assert from "node:assert/strict";
import { test } from "node:test";
import { serverFailure } from "./failures.ts";

test("a role that may not is named at once, and not waited for", () => {
  const said = "rbac: authorization, forbidden action: user 'reader' has insufficient permissions to create_data";
  const failure = serverFailure(said, "http://weaviate:50051");
  assert.equal(failure.code, "store_denied");
  assert.equal(failure.retryable, false);
  assert.match(failure.message, /\(403\).*role may write/);
});
