import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { fakeGcsBinary, startFakeGcs } from "../../../../test/peers/fake-gcs.ts";
import { startFaultProxy } from "../../../../test/support/fault-proxy.ts";
import { createGcsSource } from "../gcs.ts";
import { applicationDefaultCredentials } from "./credentials.ts";

const { skip } = await fakeGcsBinary();
const names = ["GCE_METADATA_HOST", "GOOGLE_APPLICATION_CREDENTIALS", "METADATA_SERVER_DETECTION", "HOME"];

/** The metadata server that a pod meets under Workload Identity, as far as a token needs it. */
async function startMetadataServer() {
  let tokens = 0;
  let status = 200;
  let silences = 0;
  const scopes: (string | null)[] = [];
  const server = createServer((request, response) => {
    if (silences-- > 0) return;
    response.setHeader("metadata-flavor", "Google");
    const url = new URL(request.url ?? "", "http://metadata");
    if (!url.pathname.endsWith("/token")) return void response.end("");
    scopes.push(url.searchParams.get("scopes"));
    response.statusCode = status;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ access_token: `token-${++tokens}`, expires_in: 3600, token_type: "Bearer" }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    scopes,
    answer(next: number) {
      status = next;
    },
    /** Says nothing to so many requests. */
    beSilent(requests: number) {
      silences = requests;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Whoever runs the tests may be logged in: the library looks into the home folder, and peers lie there as well. */
function createLoggedOut() {
  process.env["HOME"] = "/nonexistent";
  return applicationDefaultCredentials();
}

describe("application default credentials", () => {
  let metadata: Awaited<ReturnType<typeof startMetadataServer>>;
  let before: (string | undefined)[];
  beforeEach(async () => {
    before = names.map((name) => process.env[name]);
    metadata = await startMetadataServer();
    process.env["GCE_METADATA_HOST"] = metadata.host;
    process.env["METADATA_SERVER_DETECTION"] = "assume-present";
    delete process.env["GOOGLE_APPLICATION_CREDENTIALS"];
  });
  afterEach(async () => {
    await metadata.stop();
    for (const [index, name] of names.entries()) {
      const value = before[index];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  test("a pod's token comes from the metadata server, is kept while it is good, and is fetched anew when refused", async () => {
    const credentials = createLoggedOut();
    assert.equal(await credentials.token(), "token-1");
    assert.equal(await credentials.token(), "token-1");
    credentials.forget();
    assert.equal(await credentials.token(), "token-2");
  });

  test("a metadata server that says nothing at first is asked again, as every pod that reads buckets is set to do", async () => {
    metadata.beSilent(1);
    assert.equal(await createLoggedOut().token(), "token-1");
    for (const file of ["ingest/job.yaml", "events/base/worker.yaml", "events/base/reconcile.yaml"]) {
      const manifest = readFileSync(join(import.meta.dirname, "../../../../infra/k8s", file), "utf8");
      assert.match(manifest, /- \{ name: METADATA_SERVER_DETECTION, value: assume-present \}/, file);
    }
  });

  test("what is no key file is told with what to do, and nothing of it is repeated", async () => {
    process.env["GOOGLE_APPLICATION_CREDENTIALS"] = import.meta.filename;
    await assert.rejects(createLoggedOut().token(), (error: Error & { code: string }) => {
      assert.equal(error.code, "source_unreadable");
      assert.match(error.message, /Workload Identity/);
      assert.doesNotMatch(error.message, /startMetadataServer/);
      return true;
    });
  });

  test("every request carries the token; one refusal fetches the next, two are an error", { skip }, async () => {
    const gcs = await startFakeGcs();
    const proxy = await startFaultProxy(gcs.url);
    try {
      await gcs.createBucket("bucket");
      const credentials = createLoggedOut();
      const open = () => createGcsSource("gs://bucket", { endpoint: proxy.url, credentials, retry: { attempts: 1 } });
      await (await open()).close();
      assert.equal(proxy.requests.at(-1)?.headers.authorization, "Bearer token-1");
      proxy.choose((_, number) => (number === 2 ? { kind: "status", status: 401 } : undefined));
      await (await open()).close();
      assert.equal(proxy.requests.at(-1)?.headers.authorization, "Bearer token-2");
      proxy.choose(() => ({ kind: "status", status: 401 }));
      await assert.rejects(open(), { code: "source_unreadable", message: /objectViewer/ });
    } finally {
      await proxy.close();
      await gcs.stop();
    }
  });
});
