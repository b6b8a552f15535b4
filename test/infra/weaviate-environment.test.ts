import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { applyRoles } from "../../infra/weaviate/apply-roles.ts";
import { goBinary } from "../peers/binaries.ts";
import { createBucketClient } from "../peers/bucket-client.ts";
import { freePorts } from "../peers/ports.ts";
import { type Program, startProgram } from "../peers/process.ts";
import { goPrograms } from "../peers/programs.ts";
import { createDesk, type Desk } from "../support/cli.ts";
import { createJobDesk, type JobDesk, readLog } from "../support/job.ts";
import { type DeployedNode, type Deployment, deploy } from "./deployed-weaviate.ts";
import { resolveEnvironment, resolveJobEnvironment } from "./environment.ts";
import { at, buildOverlay, listAt, readJob } from "./manifests.ts";

const programs = [goPrograms.kustomize, goPrograms.weaviate, goPrograms.fakeGcs] as const;
const skip = (await Promise.all(programs.map((program) => goBinary(program)))).find((one) => one.skip)?.skip ?? false;

const keys = { "api-key": "the-root-key", "writer-key": "the-writer-key", "reader-key": "the-reader-key" } as const;
const root = keys["api-key"];
const writer = keys["writer-key"];
const reader = keys["reader-key"];
const collection = (replicas: number) => ({
  class: "Document",
  vectorizer: "none",
  replicationConfig: { factor: replicas },
  properties: [{ name: "content", dataType: ["text"] }],
});
const object = {
  class: "Document",
  id: "00000000-0000-4000-8000-000000000001",
  properties: { content: "one" },
  vector: [1, 0],
};

suite("Weaviate with the environment of the manifests", { skip }, () => {
  let storage: Program;
  let storageUrl: string;

  before(async () => {
    const [port = 0] = await freePorts(1);
    storageUrl = `http://127.0.0.1:${port}`;
    storage = await startProgram({
      name: "fake-gcs-server",
      command: (await goBinary(goPrograms.fakeGcs)).path ?? "",
      // Weaviate's client reads objects by the XML API, which the server takes only under its public name.
      args: ["-scheme=http", "-host=127.0.0.1", `-port=${port}`, "-backend=memory", `-public-host=127.0.0.1:${port}`],
      environment: {},
      folder: tmpdir(),
      ready: async () => (await fetch(`${storageUrl}/storage/v1/b?project=test`)).ok,
    });
  });
  after(() => storage.stop());

  suite("starter", () => {
    let deployment: Deployment;
    let node: DeployedNode;
    let bucket: string;
    before(async () => {
      const manifests = await buildOverlay("starter-public");
      deployment = await deploy(manifests, keys, storageUrl);
      [node] = deployment.nodes as [DeployedNode];
      await node.start();
      await until(async () => (await node.readiness()) === 200, node);
      bucket = `${resolveEnvironment(manifests, () => "")["BACKUP_GCS_BUCKET"]}`;
      await call(storageUrl, "", "POST", "/storage/v1/b?project=test", { name: bucket });
    });
    after(() => deployment.stop());

    test("without a key or with a wrong one nothing is answered", async () => {
      assert.equal((await call(node.url, "", "GET", "/v1/schema")).status, 401);
      assert.equal((await call(node.url, "$(READER_KEY)", "GET", "/v1/schema")).status, 401);
      assert.equal((await call(node.url, "", "POST", "/v1/objects", object)).status, 401);
    });

    test("a key has no rights before its role is given", async () => {
      assert.equal((await call(node.url, writer, "POST", "/v1/schema", collection(1))).status, 403);
    });

    test("roles are given once, mended when they differ, and left alone when they are right", async () => {
      const changes = async () => (await applyRoles(node.url, root)).map(({ change }) => change);
      assert.deepEqual(await changes(), ["created", "created"]);
      assert.deepEqual(await changes(), ["unchanged", "unchanged"]);
      const tooMuch = { permissions: [{ action: "delete_collections", collections: { collection: "*" } }] };
      await call(node.url, root, "POST", "/v1/authz/roles/isthmus-reader/add-permissions", tooMuch);
      assert.deepEqual(await changes(), ["updated", "unchanged"]);
      assert.equal((await call(node.url, reader, "DELETE", "/v1/schema/Document")).status, 403);
      await assert.rejects(applyRoles(node.url, writer), /answered 403/);
    });

    test("the writer writes, the reader only reads, and neither manages users", async () => {
      assert.equal((await call(node.url, reader, "POST", "/v1/schema", collection(1))).status, 403);
      assert.equal((await call(node.url, writer, "POST", "/v1/schema", collection(1))).status, 200);
      assert.equal((await call(node.url, reader, "POST", "/v1/objects", object)).status, 403);
      assert.equal((await call(node.url, writer, "POST", "/v1/objects", object)).status, 200);
      const place = `/v1/objects/Document/${object.id}`;
      assert.equal(at((await call(node.url, reader, "GET", place)).body, "properties.content"), "one");
      assert.equal((await call(node.url, reader, "DELETE", place)).status, 403);
      for (const key of [reader, writer]) {
        assert.equal(
          (await call(node.url, key, "POST", "/v1/authz/users/reader/assign", { roles: ["root"] })).status,
          403,
        );
        assert.equal((await call(node.url, key, "POST", "/v1/users/db/mallory")).status, 403);
      }
    });

    test("an unknown collection does not come into being by itself", async () => {
      const stray = { ...object, class: "Documnet" };
      assert.notEqual((await call(node.url, root, "POST", "/v1/objects", stray)).status, 200);
      assert.equal((await call(node.url, root, "GET", "/v1/schema/Documnet")).status, 404);
    });

    test("gRPC and public HTTPS show the certificate of Secret weaviate-tls", async () => {
      for (const port of [node.grpcPort, node.httpsPort]) {
        assert.equal(await subjectOf(port, readFileSync(deployment.authorityFile)), "weaviate");
        await assert.rejects(subjectOf(port, undefined), /certificate/);
      }
    });

    test("metrics are there to be collected", async () => {
      const response = await fetch(node.metricsUrl);
      assert.match(await response.text(), /^weaviate_|^go_goroutines/m);
    });

    test("a backup lands in the bucket that the settings name", async () => {
      const started = await call(node.url, root, "POST", "/v1/backups/gcs", { id: "first", include: ["Document"] });
      assert.equal(started.status, 200, JSON.stringify(started.body));
      let status: unknown;
      await until(async () => {
        status = at((await call(node.url, root, "GET", "/v1/backups/gcs/first")).body, "status");
        return status === "SUCCESS" || status === "FAILED";
      }, node);
      assert.equal(status, "SUCCESS", node.log());
      const listing = await call(storageUrl, "", "GET", `/storage/v1/b/${bucket}/o?prefix=weaviate/first/`);
      assert.ok(listAt(listing.body, "items").length > 0);
    });
  });

  suite("ingestion and queries over the starter", () => {
    let deployment: Deployment;
    let node: DeployedNode;
    let job: JobDesk;
    let desk: Desk;

    before(async () => {
      const manifests = await buildOverlay("starter");
      deployment = await deploy(manifests, keys, storageUrl);
      [node] = deployment.nodes as [DeployedNode];
      await node.start();
      await until(async () => (await node.readiness()) === 200, node);
      await applyRoles(node.url, root);
      const keyFile = (key: string) => {
        const file = join(deployment.folder, `${key}.txt`);
        writeFileSync(file, key);
        return file;
      };
      const given = resolveJobEnvironment(manifests, readJob());
      const bucket = `${given["GCS_BUCKET_NAME"]}`;
      const here = {
        STORAGE_EMULATOR_HOST: storageUrl,
        WEAVIATE_URL: node.url,
        WEAVIATE_GRPC_URL: `https://localhost:${node.grpcPort}`,
        WEAVIATE_CA_FILE: deployment.authorityFile,
      };
      const { ISTHMUS_DATA_DIR: _, ...environment } = given;
      job = createJobDesk({
        ...environment,
        ISTHMUS_STORE: "weaviate",
        ...here,
        WEAVIATE_API_KEY_FILE: keyFile(writer),
      });
      desk = createDesk({ ISTHMUS_STORE: "weaviate", ...here, WEAVIATE_API_KEY_FILE: keyFile(reader) });
      const storage = createBucketClient(storageUrl);
      await storage.createBucket(bucket);
      await storage.upload(bucket, "ferry.txt", "The ferry across the strait leaves at seven.", {
        contentType: "text/plain",
      });
    });
    after(async () => {
      await job?.clear();
      await desk?.clear();
      await deployment?.stop();
    });

    test("the Job's environment and the writer's rights are enough to ingest", async () => {
      const { code, text } = await job.run();
      assert.equal(code, 0, text);
      assert.equal((await job.run()).code, 0);
    });

    test("the doctor finds the whole way open, for the Job and for whoever reads", async () => {
      const pod = readLog(await job.start({}, "doctor").ended);
      assert.equal(pod.code, 0, pod.text);
      const reader = await desk.run("doctor", "--json");
      assert.equal(reader.code, 0, reader.stdout);
      assert.match(reader.stdout, /weaviate grpc/);
    });

    test("the reader's rights are enough to answer a query", async () => {
      const asked = await desk.run("query", "when does the boat go?", "--json");
      assert.equal(asked.code, 0, asked.stderr);
      assert.match(asked.stdout, /leaves at seven/);
    });
  });

  suite("production", () => {
    let deployment: Deployment;
    before(async () => {
      deployment = await deploy(await buildOverlay("production"), keys, storageUrl);
    });
    after(() => deployment.stop());

    test("one node alone is alive and not ready", async () => {
      const lonely = await deploy(await buildOverlay("production"), keys, storageUrl);
      try {
        const [first] = lonely.nodes as [DeployedNode];
        await first.start();
        await alone(first);
      } finally {
        await lonely.stop();
      }
    });

    test("three nodes form a cluster, and roles hold on each", async () => {
      const [first, ...others] = deployment.nodes as [DeployedNode, ...DeployedNode[]];
      assert.equal(others.length, 2);
      await Promise.all(deployment.nodes.map((node) => node.start()));
      for (const node of deployment.nodes) await until(async () => (await node.readiness()) === 200, node);
      const members = listAt((await call(first.url, root, "GET", "/v1/nodes")).body, "nodes");
      assert.deepEqual(members.map((member) => `${at(member, "name")} ${at(member, "status")}`).sort(), [
        "weaviate-0 HEALTHY",
        "weaviate-1 HEALTHY",
        "weaviate-2 HEALTHY",
      ]);
      await applyRoles(first.url, root);
      const [second, third] = others as [DeployedNode, DeployedNode];
      assert.equal((await call(second.url, "", "GET", "/v1/schema")).status, 401);
      assert.equal((await call(second.url, reader, "POST", "/v1/schema", collection(3))).status, 403);
      // What is kept once is lost with one node: fewer replicas than three are refused.
      // (A follower learns of the role a moment after the leader.)
      let tooFew = 0;
      await until(async () => {
        tooFew = (await call(second.url, writer, "POST", "/v1/schema", collection(1))).status;
        return tooFew !== 403;
      }, second);
      assert.equal(tooFew, 422);
      assert.equal((await call(second.url, writer, "POST", "/v1/schema", collection(3))).status, 200);
      const written = await call(first.url, writer, "POST", "/v1/objects?consistency_level=QUORUM", object);
      assert.equal(written.status, 200, JSON.stringify(written.body));
      const place = `/v1/objects/Document/${object.id}?consistency_level=QUORUM`;
      assert.equal(at((await call(third.url, reader, "GET", place)).body, "properties.content"), "one");
    });
  });
});

/** A node that waits for the others says so: no readiness until then. */
async function alone(node: DeployedNode): Promise<void> {
  const seen: number[] = [];
  await until(async () => {
    seen.push(await node.readiness().catch(() => 0));
    return seen.length >= 80;
  }, node);
  assert.ok(!seen.includes(200), seen.join());
}

async function call(url: string, key: string, method: string, path: string, body?: unknown) {
  const response = await fetch(new URL(path, url), {
    method,
    headers: { "content-type": "application/json", ...(key !== "" && { authorization: `Bearer ${key}` }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true && text !== "";
  const answer: unknown = isJson ? JSON.parse(text) : text;
  return { status: response.status, body: answer };
}

/** Waits for a real server to get there; the bound only ends a test that would wait for ever. */
async function until(reached: () => Promise<boolean>, node: DeployedNode): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await reached().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`not reached; the node's last words:\n${node.log()}`);
    await sleep(100);
  }
}

/** The common name of the certificate that a port shows to a client that trusts this authority alone. */
function subjectOf(port: number, authority: Buffer | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const trust = authority === undefined ? {} : { ca: authority };
    const socket = connect({
      host: "127.0.0.1",
      port,
      servername: "weaviate.isthmus.internal",
      ALPNProtocols: ["h2"],
      ...trust,
    });
    socket.on("error", reject);
    socket.on("secureConnect", () => {
      const { subject } = socket.getPeerCertificate();
      socket.destroy();
      resolve(`${subject.CN}`);
    });
  });
}
