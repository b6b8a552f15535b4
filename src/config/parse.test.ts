import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { IsthmusError } from "../core/errors.ts";
import { parseSettings } from "./parse.ts";

test("an empty environment gives the documented defaults", () => {
  const settings = parseSettings({});
  assert.equal(settings.dataDir, resolve(".isthmus"));
  assert.equal(settings.port, 3000);
  assert.equal(settings.host, "127.0.0.1");
  assert.deepEqual(settings.apiKeys, []);
  assert.equal(settings.format, "auto");
  assert.equal(settings.maxFileBytes, 32 * 2 ** 20);
  assert.equal(settings.remoteEmbedder, undefined);
  assert.equal(settings.ocrLanguages, undefined);
  assert.equal(settings.allowMassDelete, false);
});

test("OCR is on by choice, in English where nothing else is said", () => {
  assert.equal(parseSettings({ ISTHMUS_OCR: "tesseract" }).ocrLanguages, "eng");
  assert.equal(parseSettings({ ISTHMUS_OCR: "tesseract", ISTHMUS_OCR_LANGUAGES: "deu+eng" }).ocrLanguages, "deu+eng");
  assert.equal(parseSettings({ ISTHMUS_OCR_LANGUAGES: "deu" }).ocrLanguages, undefined);
});

test("every fault is told at once, with its variable, its value and what is right", () => {
  const wrong = {
    PORT: "80a",
    DOCUMENT_FORMAT: "xml",
    ISTHMUS_MODEL: "no-revision",
    ISTHMUS_OCR: "magic",
    ISTHMUS_OCR_LANGUAGES: "eng; rm",
    ISTHMUS_WORKERS: "0",
    ISTHMUS_ALLOW_MASS_DELETE: "maybe",
    ISTHMUS_EMBEDDING_URL: "ftp://x",
    ISTHMUS_API_KEYS_FILE: join(tmpdir(), "no-such-file"),
  };
  assert.throws(
    () => parseSettings(wrong),
    (error) => {
      assert.ok(error instanceof IsthmusError && error.code === "config_invalid");
      for (const name of Object.keys(wrong)) assert.match(error.message, new RegExp(`${name}\\b`));
      return true;
    },
  );
});

test("a remote embedder needs its model and dimensions, and excludes a local model", () => {
  assert.throws(
    () => parseSettings({ ISTHMUS_EMBEDDING_URL: "http://127.0.0.1/v1", ISTHMUS_MODEL: "a/b@c" }),
    (error) => {
      assert.ok(error instanceof IsthmusError);
      assert.match(error.message, /ISTHMUS_EMBEDDING_MODEL/);
      assert.match(error.message, /ISTHMUS_EMBEDDING_DIMENSIONS/);
      assert.match(error.message, /set one of them/);
      return true;
    },
  );
  const { remoteEmbedder } = parseSettings({
    ISTHMUS_EMBEDDING_URL: "http://127.0.0.1:8080/v1/",
    ISTHMUS_EMBEDDING_MODEL: "m",
    ISTHMUS_EMBEDDING_DIMENSIONS: "384",
  });
  assert.equal(remoteEmbedder?.url, "http://127.0.0.1:8080/v1");
  assert.equal(remoteEmbedder?.dimensions, 384);
});

test("secrets come by value or by file, and never show in a fault", () => {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-config-"));
  try {
    const file = join(folder, "keys");
    writeFileSync(file, "first\nsecond\n");
    assert.deepEqual(parseSettings({ ISTHMUS_API_KEYS_FILE: file }).apiKeys, ["first", "second"]);
    assert.deepEqual(parseSettings({ ISTHMUS_API_KEYS: "one, two" }).apiKeys, ["one", "two"]);
    assert.throws(
      () => parseSettings({ ISTHMUS_API_KEYS: "canary", ISTHMUS_API_KEYS_FILE: file }),
      (error) => {
        assert.ok(error instanceof IsthmusError);
        assert.doesNotMatch(error.message, /canary|first/);
        return true;
      },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
