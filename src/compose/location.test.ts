import assert from "node:assert/strict";
import { test } from "node:test";
import { namedIn, toUri } from "./location.ts";

test("objects keep their names verbatim, and a bucket is all that is in it", () => {
  assert.equal(toUri("gs://bucket/50% of it?#x.txt"), "gs://bucket/50% of it?#x.txt");
  assert.equal(toUri("GS://bucket/a.txt"), "gs://bucket/a.txt");
  assert.equal(toUri("gs://bucket"), "gs://bucket/");
  assert.equal(toUri("gs://bucket/docs/"), "gs://bucket/docs/");
});

test("a bucket never means another one whose name begins alike", async () => {
  const manifest = { entries: async (uris: readonly string[]) => uris.map((uri) => ({ uri })) };
  assert.deepEqual(await namedIn(manifest, "gs://bucket"), { uri: "gs://bucket/", exact: false });
});
