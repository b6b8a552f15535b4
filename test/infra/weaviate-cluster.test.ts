import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { applyRoles } from "../../infra/weaviate/apply-roles.ts";
import type { Program } from "../peers/process.ts";
import {
  call,
  collection,
  deploymentMissing,
  keys,
  object,
  reader,
  root,
  startStorage,
  until,
  writer,
} from "./deployed-calls.ts";
import { type DeployedNode, type Deployment, deploy } from "./deployed-weaviate.ts";
import { at, buildOverlay, listAt } from "./manifests.ts";

suite("Weaviate with the environment of production's manifests", { skip: await deploymentMissing() }, () => {
  let storage: Program;
  let storageUrl: string;
  let deployment: Deployment;
  before(async () => {
    ({ url: storageUrl, program: storage } = await startStorage());
    deployment = await deploy(await buildOverlay("production"), keys, storageUrl);
  });
  after(async () => {
    await deployment?.stop();
    await storage?.stop();
  });

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
    assert.equal((await call(first.url, reader, "POST", "/v1/objects", object)).status, 403);
    const written = await call(first.url, writer, "POST", "/v1/objects?consistency_level=QUORUM", object);
    assert.equal(written.status, 200, JSON.stringify(written.body));
    // Between themselves the nodes want a password too: a pod that gets at the port past the network policy is told nothing.
    const status = async (headers: Record<string, string>) => {
      const response = await fetch(`${second.nodesUrl}/nodes/status`, { headers });
      await response.arrayBuffer();
      return response.status;
    };
    assert.equal(await status({}), 401);
    const password = Buffer.from(`node:${keys["cluster-password"]}`).toString("base64");
    assert.equal(await status({ authorization: `Basic ${password}` }), 200);
    const place = `/v1/objects/Document/${object.id}?consistency_level=QUORUM`;
    assert.equal(at((await call(third.url, reader, "GET", place)).body, "properties.content"), "one");
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
