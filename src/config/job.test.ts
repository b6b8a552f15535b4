import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { IsthmusError } from "../core/errors.ts";
import { parseJobSettings } from "./job.ts";

const least = { GCS_BUCKET_NAME: "bucket", WEAVIATE_URL: "http://weaviate:8080" };

test("a bucket and Weaviate are all that must be set", () => {
  const job = parseJobSettings(least);
  assert.equal(job.location, "gs://bucket/");
  assert.equal(job.shard, undefined);
  assert.equal(job.graceMs, 25_000);
  assert.equal(job.retryFailed, false);
  assert.deepEqual(job.metrics, { host: "0.0.0.0", port: 8080, lastLookMs: 0 });
  assert.equal(job.settings.weaviate?.url, "http://weaviate:8080");
  assert.equal(job.settings.dataDir, join(tmpdir(), "isthmus"));
});

test("the names of the system that this replaces are taken", () => {
  const { settings, location } = parseJobSettings({
    GCS_BUCKET_NAME: "bucket",
    SOURCE_BLOB_NAME: "docs/all lines.txt ",
    DOCUMENT_FORMAT: "lines",
    WEAVIATE_INTERNAL_URL: "http://weaviate:8080",
    WEAVIATE_API_KEY: "canary",
  });
  assert.equal(location, "gs://bucket/docs/all lines.txt ");
  assert.equal(settings.format, "lines");
  assert.equal(settings.weaviate?.apiKey, "canary");
});

test("every fault is told at once, and no key with them", () => {
  const wrong = {
    GCS_BUCKET_NAME: "gs://bucket",
    SOURCE_BLOB_NAME: "gs://bucket/docs/",
    DOCUMENT_FORMAT: "xml",
    WEAVIATE_GRPC_URL: "no address",
    WEAVIATE_API_KEY: "canary",
    WEAVIATE_API_KEY_FILE: "/nonexistent/key",
    ISTHMUS_GRACE_SECONDS: "0",
    ISTHMUS_JOB_COMPLETIONS: "none",
    JOB_COMPLETION_INDEX: "3",
    ISTHMUS_ALLOW_MASS_DELETE: "perhaps",
    ISTHMUS_RETRY_FAILED: "perhaps",
    STORAGE_EMULATOR_HOST: "a host",
    ISTHMUS_METRICS_LAST_LOOK_SECONDS: "-1",
  };
  assert.throws(
    () => parseJobSettings(wrong),
    (error) => {
      assert.ok(error instanceof IsthmusError && error.code === "config_invalid");
      for (const name of [...Object.keys(wrong), "WEAVIATE_URL"]) assert.match(error.message, new RegExp(`${name}\\b`));
      assert.doesNotMatch(error.message, /canary/);
      return true;
    },
  );
});

test("nothing set at all names what is needed", () => {
  assert.throws(() => parseJobSettings({}), { message: /WEAVIATE_URL is not set[\s\S]*GCS_BUCKET_NAME is not set/ });
});

test("a shard is told by both variables together", () => {
  const shard = (index?: string, completions?: string) =>
    parseJobSettings({ ...least, JOB_COMPLETION_INDEX: index, ISTHMUS_JOB_COMPLETIONS: completions }).shard;
  assert.deepEqual(shard("0", "4"), { index: 0, count: 4 });
  assert.deepEqual(shard("3", "4"), { index: 3, count: 4 });
  assert.equal(shard("0", "1"), undefined);
  assert.equal(shard("0", undefined), undefined);
  assert.throws(() => shard(undefined, "4"), { message: /completionMode: Indexed/ });
  assert.throws(() => shard("4", "4"), { message: /JOB_COMPLETION_INDEX is 4/ });
  assert.throws(() => shard("1", undefined), { message: /ISTHMUS_JOB_COMPLETIONS is 1/ });
});

test("an index in a file needs a folder that stays", () => {
  const local = { GCS_BUCKET_NAME: "bucket", ISTHMUS_STORE: "sqlite" };
  assert.throws(() => parseJobSettings(local), { message: /ISTHMUS_DATA_DIR is not set/ });
  const { settings } = parseJobSettings({ ...local, ISTHMUS_DATA_DIR: "/data" });
  assert.equal(settings.weaviate, undefined);
  assert.equal(settings.dataDir, "/data");
});

test("an address that holds a password is refused, and the password is not told", () => {
  for (const name of ["WEAVIATE_URL", "WEAVIATE_GRPC_URL"]) {
    for (const address of ["https://user:canary@weaviate:8080", "https://canary@weaviate"]) {
      assert.throws(
        () => parseJobSettings({ ...least, [name]: address }),
        (error: Error) => error.message.includes(`${name} holds`) && !error.message.includes("canary"),
      );
    }
  }
  assert.throws(
    () => parseJobSettings({ ...least, WEAVIATE_GRPC_URL: "user:canary@weaviate:50051" }),
    (error: Error) => !error.message.includes("canary"),
  );
});
