import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { root } from "../../scripts/run.ts";
import { clusterMissing } from "../peers/cluster/able.ts";
import { balancerAddress, functionAddress } from "../peers/cluster/controllers.ts";
import { faultsOfImage } from "./image-faults.ts";
import { buildIngestImage, type IngestImage, ingestImage } from "./ingest-image.ts";
import { createRun, endOfRun } from "./job-run.ts";
import { bucket, openPlace, type Place, until } from "./place.ts";
import { startProbe } from "./probe.ts";
import { search } from "./search.ts";

const skip = await clusterMissing();

suite("the starter on a cluster of two nodes", { skip, timeout: 2_400_000 }, () => {
  let place: Place;
  let image: IngestImage;
  const folder = mkdtempSync(join(tmpdir(), "isthmus-starter-"));
  const document = (name: string) => readFileSync(join(root, "docs", name));

  before(async () => {
    image = await buildIngestImage(folder);
    place = await openPlace(2);
    await place.cluster.loadImage(image.archive);
    await place.deploy("starter");
  });
  after(async () => {
    await place?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("the Job's image is the Dockerfile's: nobody's user, no shell, no other platform, no foreign SDK", () => {
    assert.deepEqual(faultsOfImage(image.archive, "ingest-job"), []);
  });

  test("Weaviate answers over the load balancer to the function's subnet, and to nobody else", async () => {
    const ask = async (from: string) => {
      const door = await place.cluster.doors.into(balancerAddress, 80, from);
      return await fetch(`http://127.0.0.1:${door}/v1/.well-known/ready`, { signal: AbortSignal.timeout(5_000) })
        .then(({ status }) => status)
        .catch(() => "silence");
    };
    await until("an answer to the function", async () => (await ask(functionAddress)) === 200);
    assert.equal(await ask("172.30.0.1"), "silence");
    assert.ok(place.google.askedMetadata.includes("/computeMetadata/v1/project/project-id"));
  });

  test("the Job reads the bucket by its own identity, and a question is answered from it", async () => {
    for (const name of ["concepts.md", "api.md"])
      await place.storage.upload(bucket, name, document(name), { contentType: "text/markdown" });
    const run = await createRun(place, ingestImage);
    const { exitCode, log } = await endOfRun(place, run);
    assert.equal(exitCode, 0, log);
    assert.ok(
      place.google.askedMetadata.some((path) => path.includes("/token")),
      "no token was asked for",
    );
    const found = await search(place, "what is a manifest row?");
    assert.ok(
      found.some(({ uri }) => uri === `gs://${bucket}/concepts.md`),
      JSON.stringify(found),
    );
  });

  test("each network policy holds by packets", async () => {
    const { items } = JSON.parse(
      await place.kubectl("get", "pods", "-l", "app.kubernetes.io/name=weaviate", "-o", "json"),
    );
    const weaviate = items[0].status.podIP as string;
    const ingest = await startProbe(place, "as-ingest", { "app.kubernetes.io/name": "ingest" });
    const allowed = ["weaviate:8080", "weaviate:50051", "169.254.169.254:80", "199.36.153.8:443"];
    const refused = [`${weaviate}:2112`, `${weaviate}:7946`, `${weaviate}:8300`, "10.96.0.1:443", "172.30.0.1:6443"];
    await ingest.finds(allowed, refused);

    await place.kubectl("apply", "--server-side", "-f", join(place.manifests, "events/base/network-policy.yaml"));
    const worker = await startProbe(place, "as-worker", { "app.kubernetes.io/name": "ingest-worker" });
    await worker.finds(allowed, refused);

    const stranger = await startProbe(place, "a-stranger", { "app.kubernetes.io/name": "stranger" });
    const closed = [`${weaviate}:8080`, `${weaviate}:50051`, "199.36.153.8:443", "172.30.0.1:6443"];
    await stranger.finds(["169.254.169.254:80"], closed);

    // Out of our namespace nothing forbids going out; it is Weaviate that is closed to it.
    const outside = await startProbe(place, "outside", {}, { namespace: "default", refused: `${weaviate}:8080` });
    await outside.finds(["10.96.0.1:443"], [`${weaviate}:8080`, `${weaviate}:50051`, `${weaviate}:2112`]);

    const node = await startProbe(place, "as-weaviate", { "app.kubernetes.io/name": "weaviate" });
    const inside = [`${weaviate}:7946`, `${weaviate}:8300`, "169.254.169.254:80", "199.36.153.8:443"];
    const barred = [`${weaviate}:8080`, "172.30.0.1:6443", "10.96.0.1:443"];
    await node.finds(inside, barred);
  });

  test("a pod that asks for more than it may is refused, not warned of", async () => {
    const { status, body } = await place.cluster.send("POST", "/api/v1/namespaces/isthmus/pods", {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "greedy", namespace: "isthmus" },
      spec: { containers: [{ name: "greedy", image: ingestImage, securityContext: { privileged: true } }] },
    });
    assert.equal(status, 403);
    assert.match(`${body["message"]}`, /violates PodSecurity "restricted:latest"/);
  });

  test("a Job whose pod is evicted in the middle goes on in another and is no failure", async () => {
    for (let index = 0; index < 40; index++)
      await place.storage.upload(bucket, `many/${index}.md`, `# Note ${index}\n\n${document("api.md")}`, {
        contentType: "text/markdown",
      });
    const run = await createRun(place, ingestImage);
    const evicted = await run.started();
    const { status } = await place.cluster.send("POST", `/api/v1/namespaces/isthmus/pods/${evicted}/eviction`, {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name: evicted, namespace: "isthmus" },
    });
    assert.equal(status, 201);
    const { exitCode, log, pods } = await endOfRun(place, run);
    assert.equal(exitCode, 0, log);
    assert.ok(pods.length >= 2, `pods: ${pods.join()}`);
    const found = await search(place, "Note 27", "keyword");
    assert.equal(found[0]?.uri, `gs://${bucket}/many/27.md`);
  });

  test("Weaviate killed comes back with what it had", async () => {
    await place.kubectl("delete", "pod", "weaviate-starter-0", "--grace-period=0", "--force");
    await place.ready("weaviate-starter");
    const found = await search(place, "Note 27", "keyword");
    assert.equal(found[0]?.uri, `gs://${bucket}/many/27.md`);
  });
});
