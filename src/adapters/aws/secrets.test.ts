import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type SecretsExtension, startSecretsExtension } from "../../../test/support/lambda/secrets-extension.ts";
import {
  localCredentials,
  type SecretsManager,
  startSecretsManager,
} from "../../../test/support/lambda/secrets-manager.ts";
import { readSecretByExtension } from "./secrets-extension.ts";
import { readSecret, type SecretsManagerOptions } from "./secrets-manager.ts";
import { createStoreKey } from "./store-key.ts";

const name = "isthmus/dev/weaviate-api-key";
const impatient = { attempts: 2, baseMs: 1, maxMs: 1 };

describe("secrets", () => {
  let manager: SecretsManager;
  let extension: SecretsExtension;
  let direct: SecretsManagerOptions;
  before(async () => {
    manager = await startSecretsManager({ [name]: " canary-1\n", "isthmus/dev/empty": " " });
    extension = await startSecretsExtension((secret) => manager.get(secret));
    direct = { region: "us-east-1", credentials: localCredentials, endpoint: manager.url, retry: impatient };
  });
  after(() => Promise.all([extension.close(), manager.close()]));

  const byExtension = (secret: string, sessionToken: string = localCredentials.sessionToken) =>
    readSecretByExtension(secret, { port: extension.port, sessionToken, retry: impatient });

  it("the extension is asked again while it is not ready", async () => {
    extension.ready = false;
    const reading = readSecretByExtension(name, {
      port: extension.port,
      sessionToken: localCredentials.sessionToken,
      retry: { baseMs: 20, random: () => 1 },
    });
    while (!extension.answers.includes("not ready")) await new Promise((resolve) => setImmediate(resolve));
    extension.ready = true;
    assert.equal(await reading, "canary-1");
  });

  it("past the extension's cache a rotated key is seen at once, by a request that Secrets Manager accepts", async () => {
    assert.equal(await byExtension(name), "canary-1");
    manager.secrets.set(name, "canary-2");
    assert.equal(await byExtension(name), "canary-1", "the cache is stale");
    assert.equal(await readSecret(name, direct), "canary-2");
    const forged = { ...localCredentials, secretAccessKey: "other" };
    await assert.rejects(readSecret(name, { ...direct, credentials: forged }), {
      message: /400 InvalidSignatureException/,
    });
  });

  it("what cannot be read is told by name, with neither key nor token, and may be tried again", async () => {
    extension.ready = false;
    const failures: [string, () => Promise<string>, RegExp][] = [
      ["not ready", () => byExtension(name), /extension: it answered 400/],
      ["unknown", () => readSecret("isthmus/dev/none", direct), /400 ResourceNotFoundException/],
      ["no answer", () => readSecret(name, { ...direct, endpoint: "http://127.0.0.1:1" }), /it does not answer/],
    ];
    for (const [what, read, message] of failures) {
      await assert.rejects(
        read(),
        (error: Error & { code: string; retryable: boolean }) => {
          assert.match(error.message, message, what);
          assert.match(error.message, /isthmus\/dev/);
          assert.doesNotMatch(
            JSON.stringify({ ...error, message: error.message }),
            /canary|local-session|local-secret/,
          );
          return error.code === "store_unavailable" && error.retryable;
        },
        what,
      );
    }
    extension.ready = true;
    await assert.rejects(byExtension(name, "wrong token"), { message: /401/ });
    await assert.rejects(byExtension("isthmus/dev/empty"), { code: "config_invalid" });
    await assert.rejects(readSecret("isthmus/dev/empty", direct), { code: "config_invalid" });
  });

  it("a moment of failure of Secrets Manager is tried again, a longer one is not waited for", async () => {
    const before = manager.asked;
    manager.failure = 500;
    await assert.rejects(readSecret(name, direct), { message: /500 InternalServiceError/ });
    assert.equal(manager.asked - before, impatient.attempts);
    manager.failure = undefined;
    assert.equal(await readSecret(name, direct), "canary-2");
  });
});

describe("the store's key", () => {
  it("is read once and kept, until the store refuses it; then it is read past the cache, once a second at most", async () => {
    const calls: string[] = [];
    let time = 0;
    const key = createStoreKey(
      async () => {
        calls.push("cached");
        return "old";
      },
      async () => {
        calls.push("fresh");
        return `new ${calls.length}`;
      },
      () => time,
    );
    assert.deepEqual(await Promise.all([key.current(), key.current()]), ["old", "old"]);
    assert.equal(await key.current(), "old");
    assert.deepEqual(await Promise.all([key.refresh(), key.refresh()]), ["new 2", "new 2"]);
    time = 999;
    assert.equal(await key.refresh(), "new 2", "refused together, arrived apart");
    assert.equal(await key.current(), "new 2");
    time = 1000;
    assert.equal(await key.refresh(), "new 3");
    assert.equal(await key.current(), "new 3");
    assert.deepEqual(calls, ["cached", "fresh", "fresh"]);
  });

  it("a failure is not kept, and does not replace a key that is known", async () => {
    let works = false;
    const once = async (value: string) => {
      if (works) return value;
      throw new Error("no");
    };
    const key = createStoreKey(
      () => once("old"),
      () => once("new"),
    );
    await assert.rejects(async () => key.current());
    works = true;
    assert.equal(await key.current(), "old");
    works = false;
    await assert.rejects(async () => key.refresh());
    assert.equal(await key.current(), "old");
    works = true;
    assert.equal(await key.refresh(), "new");
  });
});
