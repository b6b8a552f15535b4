import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { applyRoles } from "../../infra/weaviate/apply-roles.ts";
import { createBucketClient } from "../peers/bucket-client.ts";
import type { Program } from "../peers/process.ts";
import { createDesk, type Desk } from "../support/cli.ts";
import { createJobDesk, type JobDesk, readLog } from "../support/job.ts";
import {
  call,
  collection,
  deploymentMissing,
  keys,
  nextReader,
  object,
  reader,
  root,
  startStorage,
  subjectOf,
  until,
  writer,
} from "./deployed-calls.ts";
import { type DeployedNode, type Deployment, deploy } from "./deployed-weaviate.ts";
import { resolveEnvironment, resolveJobEnvironment } from "./environment.ts";
import { at, buildOverlay, listAt, readJob } from "./manifests.ts";

suite("Weaviate with the environment of the manifests", { skip: await deploymentMissing() }, () => {
  let storage: Program;
  let storageUrl: string;

  before(async () => {
    ({ url: storageUrl, program: storage } = await startStorage());
  });
  after(() => storage?.stop());

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
      // While a key is rotated both are the reader's.
      assert.equal((await call(node.url, nextReader, "GET", place)).status, 200);
      assert.equal((await call(node.url, nextReader, "DELETE", place)).status, 403);
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

    test("the count by which docs/operations compares two clusters is the reader's to ask for", async () => {
      const guide = readFileSync(join(import.meta.dirname, "../../docs/operations/starter-to-production.md"), "utf8");
      const [, query = ""] = /-d '(\{"query".*\})'/.exec(guide) ?? [];
      const { body } = await call(node.url, reader, "POST", "/v1/graphql", JSON.parse(query));
      assert.equal(at(body, "data.Aggregate.Document.0.meta.count"), 1, JSON.stringify(body));
    });
  });
});
