import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSettings } from "./parse.ts";

test("an emulator is named by an address, or by host and port as Google's own tools take it", () => {
  const emulator = (value: string) => parseSettings({ STORAGE_EMULATOR_HOST: value }).gcs.emulator;
  assert.equal(emulator("http://127.0.0.1:4443/"), "http://127.0.0.1:4443");
  assert.equal(emulator("127.0.0.1:4443"), "http://127.0.0.1:4443");
  assert.equal(emulator("localhost:4443"), "http://localhost:4443");
  assert.equal(emulator(""), undefined);
  assert.throws(() => emulator("no host:x"), {
    code: "config_invalid",
    message: /STORAGE_EMULATOR_HOST is "no host:x"/,
  });
});

test("the project that pays is taken as it is", () => {
  assert.equal(parseSettings({ ISTHMUS_GCS_USER_PROJECT: " billed " }).gcs.userProject, "billed");
  assert.equal(parseSettings({}).gcs.userProject, undefined);
});
