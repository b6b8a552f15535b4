import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { at, listAt } from "../infra/manifests.ts";
import { clusterMissing } from "../peers/cluster/able.ts";
import { weaviateImage } from "../peers/cluster/images.ts";
import { createDesk } from "../support/cli.ts";
import { keys, openPlace, type Place, until } from "./place.ts";
import { type Asked, askSteadily } from "./steady-questions.ts";

const skip = await clusterMissing();
const topics = ["anchors", "buoys", "canals", "dredgers", "estuaries", "ferries", "gantries", "harbours"];

suite("production on a cluster of three zones", { skip, timeout: 2_400_000 }, () => {
  let place: Place;
  const questions = new Map<string, string>();

  before(async () => {
    place = await openPlace(3);
    await place.deploy("production");
  });
  after(() => place?.stop());

  /** Runs `isthmus ingest` of this machine over the load balancer, with the writer's key. */
  async function ingest(folder: string, files: Readonly<Record<string, string>>) {
    const { weaviate } = place;
    const desk = createDesk({
      ISTHMUS_STORE: "weaviate",
      ISTHMUS_REPLICATION_FACTOR: "3",
      WEAVIATE_URL: weaviate.url,
      WEAVIATE_GRPC_URL: weaviate.grpcUrl,
      WEAVIATE_API_KEY: keys["writer-key"],
      WEAVIATE_CA_FILE: weaviate.authorityFile,
    });
    try {
      const uris = Object.entries(files).map(([name, text]) => desk.write(`${folder}/${name}`, text));
      const ended = await desk.run("ingest", dirname(uris[0] ?? ""), "--json");
      return { ...ended, uris };
    } finally {
      await desk.clear();
    }
  }

  const pods = async () => listAt(JSON.parse(await place.kubectl("get", "pods", "-o", "json")), "items");
  const nothingLost = (asked: Asked, atLeast: number) => {
    assert.deepEqual({ lost: asked.lost, wrong: asked.wrong }, { lost: [], wrong: [] });
    assert.ok(asked.asked >= atLeast, `${asked.asked} questions`);
  };

  test("three nodes form a cluster from nothing, one in each zone, and hold every chunk three times", async () => {
    const nodes = new Set((await pods()).map((pod) => at(pod, "spec.nodeName")));
    assert.deepEqual([...nodes].sort(), ["node1", "node2", "node3"]);
    const texts = topics.map(
      (topic) => [`${topic}.md`, `# ${topic}\n\nAll that is known of ${topic} in this port.\n`] as const,
    );
    const { code, stderr, uris } = await ingest("port", Object.fromEntries(texts));
    assert.equal(code, 0, stderr);
    for (const [index, topic] of topics.entries()) questions.set(`what is known of ${topic}?`, `file://${uris[index]}`);
    const answer = await fetch(`${place.weaviate.url}/v1/schema/Document`, {
      headers: { authorization: `Bearer ${keys["api-key"]}` },
    });
    const schema = (await answer.json()) as { replicationConfig: { factor: number } };
    assert.equal(schema.replicationConfig.factor, 3);
  });

  test("another image is rolled out while questions are asked and documents written: none lost, none wrong", async (context) => {
    const another = weaviateImage.replace(/:.*/, ":another");
    for (const node of [1, 2, 3])
      place.cluster.onNode(node, ["ctr", "-n", "k8s.io", "images", "tag", weaviateImage, another]);
    const asking = await askSteadily(place, questions);
    await place.kubectl("set", "image", "statefulset/weaviate", `weaviate=${another}`);
    const more = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`${index}.md`, `Cargo list number ${index}.`]),
    );
    const [ended] = await Promise.all([ingest("cargo", more), place.ready("weaviate")]);
    const asked = await asking.end();
    context.diagnostic(JSON.stringify(asked));
    assert.equal(ended.code, 0, ended.stderr);
    nothingLost(asked, 50);
    for (const pod of await pods()) assert.equal(at(pod, "spec.containers.0.image"), another);
  });

  test("one node is drained, and the budget refuses the second", async (context) => {
    const asking = await askSteadily(place, questions);
    const drain = (node: string) =>
      place.kubectl("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=60s");
    try {
      await drain("node1");
      await assert.rejects(drain("node2"), /disruption budget|timed out|did not complete/);
    } finally {
      for (const node of ["node1", "node2"]) await place.kubectl("uncordon", node);
    }
    await place.ready("weaviate");
    const asked = await asking.end();
    context.diagnostic(JSON.stringify(asked));
    nothingLost(asked, 20);
  });

  test("a node that dies costs no question, and its disk goes on in another machine of its zone", async (context) => {
    const asking = await askSteadily(place, questions);
    const begunAt = performance.now();
    const mark = (what: string) =>
      context.diagnostic(`${((performance.now() - begunAt) / 1000).toFixed(1)} s: ${what}`);
    await place.cluster.killNode(2);
    mark("the node is dead");
    await until("node2 is missed", async () => {
      const { body } = await place.cluster.send("GET", "/api/v1/nodes/node2");
      return listAt(body, "status.conditions").some(
        (one) => at(one, "type") === "Ready" && at(one, "status") !== "True",
      );
    });
    mark("its death is known");
    // The cloud finds the machine gone and takes its Node away; the zone gets another.
    await place.kubectl("delete", "node", "node2");
    await place.cluster.startNode(4);
    mark("another node is there");
    await place.kubectl("label", "node", "node4", "topology.kubernetes.io/zone=zone-2", "--overwrite");
    place.cluster.onNode(4, [
      "ctr",
      "-n",
      "k8s.io",
      "images",
      "tag",
      weaviateImage,
      weaviateImage.replace(/:.*/, ":another"),
    ]);
    await place.ready("weaviate");
    mark("three are available");
    const asked = await asking.end();
    context.diagnostic(JSON.stringify(asked));
    nothingLost(asked, 20);
    const moved = (await pods()).find((pod) => at(pod, "spec.nodeName") === "node4");
    assert.ok(moved !== undefined, "no pod on node4");
  });

  test("a readiness probe that is wrong stops the rollout at its first node, and it is taken back", async (context) => {
    const asking = await askSteadily(place, questions);
    const path = "/spec/template/spec/containers/0/readinessProbe/httpGet/path";
    const patch = JSON.stringify([{ op: "replace", path, value: "/v1/no-such-thing" }]);
    await place.kubectl("patch", "statefulset/weaviate", "--type=json", "-p", patch);
    await assert.rejects(place.kubectl("rollout", "status", "statefulset/weaviate", "--timeout=60s"), /timed out/);
    const unready = (await pods()).filter((pod) =>
      listAt(pod, "status.conditions").some((one) => at(one, "type") === "Ready" && at(one, "status") !== "True"),
    );
    assert.equal(unready.length, 1, "the rollout went on");
    await place.kubectl("rollout", "undo", "statefulset/weaviate");
    // A pod that never got ready is not replaced by the controller (docs/traps.md); the pipeline's own way back deletes it, too.
    await place.kubectl("delete", "pod", `${at(unready[0], "metadata.name")}`);
    await place.ready("weaviate");
    const asked = await asking.end();
    context.diagnostic(JSON.stringify(asked));
    nothingLost(asked, 20);
  });

  test("the reader's key is rotated by the guide's steps, and neither the old nor the new one is refused meanwhile", async (context) => {
    const next = "next-reader-key-of-a-test";
    /** As a deployment that finds other versions of the keys: the Secret, then every node anew, one after the other. */
    const letIn = async (readers: readonly string[]) => {
      const accepted = [keys["api-key"], keys["writer-key"], ...readers];
      const values = {
        ...keys,
        "reader-key": readers[0] ?? "",
        "accepted-keys": accepted.join(","),
        "accepted-users": ["root", "writer", ...readers.map(() => "reader")].join(","),
        "cluster-password": "password-of-the-nodes",
      };
      const literals = Object.entries(values).map(([name, value]) => `--from-literal=${name}=${value}`);
      const create = ["create", "secret", "generic", "weaviate-secrets", "--dry-run=client", "-o", "yaml"];
      const file = join(place.cluster.folder, "secret.yaml");
      writeFileSync(file, await place.kubectl(...create, ...literals));
      await place.kubectl("apply", "--server-side", "--force-conflicts", "-f", file);
      await place.kubectl("rollout", "restart", "statefulset/weaviate");
      await place.ready("weaviate");
    };
    const withOld = await askSteadily(place, questions);
    await letIn([keys["reader-key"], next]);
    const withNew = await askSteadily(place, questions, next);
    await sleep(2_000);
    const old = await withOld.end();
    await letIn([next]);
    const asked = await withNew.end();
    context.diagnostic(JSON.stringify({ old, asked }));
    nothingLost(old, 20);
    nothingLost(asked, 20);
    const refused = await fetch(`${place.weaviate.url}/v1/schema`, {
      headers: { authorization: `Bearer ${keys["reader-key"]}` },
    });
    assert.equal(refused.status, 401);
  });
});
