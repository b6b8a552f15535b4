import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { at, listAt } from "../infra/manifests.ts";
import { clusterMissing } from "../peers/cluster/able.ts";
import { buildIngestImage, ingestImage } from "./ingest-image.ts";
import { createRun, endOfRun } from "./job-run.ts";
import { bucket, openPlace, type Place, until } from "./place.ts";
import { search } from "./search.ts";

const skip = await clusterMissing();

suite("trouble on a cluster of two nodes", { skip, timeout: 1_800_000 }, () => {
  let place: Place;
  const folder = mkdtempSync(join(tmpdir(), "isthmus-trouble-"));

  before(async () => {
    const image = await buildIngestImage(folder);
    place = await openPlace(2, { diskMegabytes: 400 });
    await place.cluster.loadImage(image.archive);
    await place.deploy("starter");
    await upload("first", 3);
    assert.equal((await ingest()).exitCode, 0);
  });
  after(async () => {
    await place?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function upload(prefix: string, count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      const text = `# ${prefix} ${index}\n\n${`Of ${prefix} number ${index} this is known. `.repeat(200)}\n`;
      await place.storage.upload(bucket, `${prefix}/${index}.md`, text, { contentType: "text/markdown" });
    }
  }
  const ingest = async (change?: (manifest: string) => string) =>
    endOfRun(place, await createRun(place, ingestImage, change));
  const firstFound = async (question: string) => (await search(place, question, "keyword"))[0]?.uri;
  const nodeOf = async (pod: string) => {
    const name = await place.kubectl("get", "pod", pod, "-o", "jsonpath={.spec.nodeName}");
    return Number(name.replace("node", ""));
  };

  test("a Job's pod that takes more memory than it may is killed and said to be, and the next run goes on", async () => {
    await upload("second", 3);
    const run = await createRun(place, ingestImage, (manifest) =>
      manifest
        .replace('limits: { cpu: "4", memory: 1536Mi', 'limits: { cpu: "4", memory: 60Mi')
        .replace('requests: { cpu: "2", memory: 1Gi', 'requests: { cpu: "2", memory: 60Mi')
        .replace("backoffLimitPerIndex: 6", "backoffLimitPerIndex: 0"),
    );
    const { exitCode } = await endOfRun(place, run);
    assert.equal(exitCode, 1);
    const list = await place.kubectl("get", "pods", "-l", `batch.kubernetes.io/job-name=${run.name}`, "-o", "json");
    const [pod] = listAt(JSON.parse(list), "items");
    const { exitCode: code, reason } = at(pod, "status.containerStatuses.0.state.terminated") as {
      exitCode: number;
      reason: string;
    };
    assert.equal(code, 137);
    // Where the kernel met the pod's limit before the container's, which is the same, Kubernetes does not know why (control groups 1).
    assert.ok(["OOMKilled", "Error"].includes(reason), reason);
    assert.equal((await ingest()).exitCode, 0);
    assert.equal(await firstFound("second number 2"), `gs://${bucket}/second/2.md`);
  });

  test("a volume that is full refuses documents by name and still answers; larger, it goes on by itself", async () => {
    const weaviate = await nodeOf("weaviate-starter-0");
    const disk = (await place.kubectl("get", "pvc/weaviate-pvc", "-o", "jsonpath={.spec.volumeName}")).trim();
    const mounted = `/mnt/volumes/${disk}`;
    place.cluster.onNode(weaviate, ["fallocate", "-l", "370M", `${mounted}/ballast`]);
    try {
      await upload("third", 3);
      const full = await ingest((manifest) => manifest.replace("backoffLimitPerIndex: 6", "backoffLimitPerIndex: 0"));
      assert.equal(full.exitCode, 1);
      assert.match(full.log, /store_full|takes no more objects/);
      assert.equal(await firstFound("second number 2"), `gs://${bucket}/second/2.md`);
    } finally {
      // As a cloud's disk grows under its file system; and whatever was found, the next trouble starts with room.
      place.cluster.onNode(weaviate, ["mount", "-o", "remount,size=2000m", mounted]);
    }
    const { exitCode, log } = await ingest();
    assert.equal(exitCode, 0, log);
    assert.equal(await firstFound("third number 2"), `gs://${bucket}/third/2.md`);
  });

  test("a Job whose node is lost goes on on another, and is no failure", async () => {
    await upload("fourth", 150);
    const weaviate = await nodeOf("weaviate-starter-0");
    // It runs where Weaviate is not, and then where it is: there must be room for both.
    await place.kubectl("cordon", `node${weaviate}`);
    const run = await createRun(place, ingestImage, (manifest) =>
      manifest.replace('requests: { cpu: "2", memory: 1Gi', "requests: { cpu: 500m, memory: 1Gi"),
    );
    const pod = await run.started();
    const lost = await nodeOf(pod);
    assert.notEqual(lost, weaviate);
    await place.cluster.killNode(lost);
    await place.kubectl("uncordon", `node${weaviate}`);
    await until("the node is missed", async () => {
      const { body } = await place.cluster.send("GET", `/api/v1/nodes/node${lost}`);
      return listAt(body, "status.conditions").some(
        (one) => at(one, "type") === "Ready" && at(one, "status") !== "True",
      );
    });
    // The cloud finds the machine gone and takes its Node away.
    await place.kubectl("delete", "node", `node${lost}`);
    const { exitCode, log, pods } = await endOfRun(place, run);
    assert.equal(exitCode, 0, log);
    assert.ok(pods.length >= 2, `pods: ${pods.join()}`);
    assert.equal(await firstFound("fourth number 77"), `gs://${bucket}/fourth/77.md`);
  });
});
