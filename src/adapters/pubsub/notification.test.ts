import assert from "node:assert/strict";
import { test } from "node:test";
import { readNotification } from "./notification.ts";

const uri = "gs://docs/in/a b#1.txt";
const attributes = {
  bucketId: "docs",
  objectId: "in/a b#1.txt",
  objectGeneration: "1700000000000001",
  payloadFormat: "JSON_API_V1",
  eventType: "OBJECT_FINALIZE",
};
const object = {
  name: "in/a b#1.txt",
  bucket: "docs",
  generation: "1700000000000001",
  size: "12",
  contentType: "text/plain",
  timeCreated: "2026-11-28T05:00:00.123Z",
  md5Hash: "AAAA",
};
const read = (more: Record<string, string> = {}, data: unknown = object, scope = "gs://docs/in/") =>
  readNotification(
    { ...attributes, ...more },
    Buffer.from(typeof data === "string" ? data : JSON.stringify(data)),
    scope,
  );

test("an object that was written is told whole, as a listing tells it", () => {
  assert.deepEqual(read(), {
    kind: "object",
    uri,
    reindex: false,
    ref: {
      uri,
      version: "1700000000000001",
      generation: 1_700_000_000_000_001,
      size: 12,
      contentType: "text/plain",
      updatedAt: "2026-11-28T05:00:00.123Z",
      digest: "md5:AAAA",
    },
  });
});

test("a payload that is none, or of another object or generation, leaves the name: the live object is asked", () => {
  const asked = { kind: "object", uri, reindex: false };
  assert.deepEqual(read({ payloadFormat: "NONE" }, ""), asked);
  assert.deepEqual(read({}, "{"), asked);
  assert.deepEqual(read({}, { ...object, generation: "7" }), asked);
  assert.deepEqual(read({}, { ...object, name: "in/other.txt" }), asked);
  assert.deepEqual(read({ isthmusReindex: "true" }, ""), { ...asked, reindex: true });
});

test("an end asks the live object, unless it is half of an overwrite", () => {
  for (const eventType of ["OBJECT_DELETE", "OBJECT_ARCHIVE"]) {
    assert.deepEqual(read({ eventType }), { kind: "object", uri, reindex: false });
    assert.deepEqual(read({ eventType, overwrittenByGeneration: "8" }), { kind: "irrelevant", why: "overwritten" });
  }
});

test("what is of no interest says why", () => {
  const why = (notified: ReturnType<typeof read>) => (notified.kind === "irrelevant" ? notified.why : undefined);
  assert.equal(why(read({ eventType: "OBJECT_METADATA_UPDATE" })), "metadata");
  assert.equal(why(read({ bucketId: "others" })), "foreign");
  assert.equal(why(read({ objectId: "inside.txt" })), "foreign");
  assert.equal(why(read({ eventType: "SOMETHING_NEW" })), "malformed");
  assert.equal(why(readNotification({}, new Uint8Array(), "gs://docs/")), "malformed");
  const folder = { ...object, name: "in/sub/", size: "0" };
  assert.equal(why(read({ objectId: "in/sub/" }, folder)), "folder");
});
