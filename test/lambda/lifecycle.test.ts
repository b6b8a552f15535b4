import assert from "node:assert/strict";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  ask,
  type Deployment,
  deploymentSkip,
  secretName,
  send,
  startDeployment,
} from "../support/lambda/deployment.ts";
import { startTcpProxy } from "../support/lambda/tcp-proxy.ts";

const skip = await deploymentSkip();

describe("a container of the query function", { skip }, () => {
  let deployment: Deployment;
  before(async () => {
    deployment = await startDeployment();
  });
  after(() => deployment.stop());

  it("initialises without a key, fetches it in the first invocation, and answers", async () => {
    const { answers } = deployment.extension;
    deployment.extension.ready = false;
    const container = await deployment.container();
    assert.equal(container.init, "ready", container.log());
    assert.equal(answers.length, 0, "INIT asked for the key");
    const asking = ask(container);
    while (!answers.includes("not ready")) await sleep(5);
    deployment.extension.ready = true;
    const answer = await asking;
    assert.equal(answer.status, 200, container.log());
    assert.ok(answer.json.results.length > 0);
    assert.equal(answers.at(-1), "served");
    assert.equal(deployment.manager.asked, 0);
    const served = answers.length;
    assert.equal((await ask(container)).status, 200);
    assert.equal(answers.length, served, "the key is kept");
    assert.equal(container.log(), "", "nothing to report");
  });

  it("heals: a model that is damaged in INIT is loaded by a later invocation, in the same container", async () => {
    const model = join(deployment.packaged.folder, "models/all-MiniLM-L6-v2/model_int8.onnx");
    await rename(model, `${model}.away`);
    const container = await deployment.container();
    assert.equal(container.init, "ready");
    const pid = container.pid;
    const answer = await ask(container);
    assert.deepEqual([answer.status, answer.json.code], [500, "not_initialised"]);
    await rename(`${model}.away`, model);
    assert.equal((await ask(container)).status, 200);
    assert.equal(container.pid, pid);
    assert.match(container.log(), /"what":"INIT: load the model","code":"model_missing"/);
  });

  it("answers with a wrong configuration, and says in the log alone what is wrong", async () => {
    const container = await deployment.container({ environment: { WEAVIATE_URL: "canary", AWS_REGION: "" } });
    const answer = await ask(container);
    assert.deepEqual([answer.status, answer.json.code], [500, "not_initialised"]);
    assert.doesNotMatch(JSON.stringify(answer), /canary/);
    assert.match(container.log(), /WEAVIATE_URL is \\"canary\\".*AWS_REGION/);
    assert.equal((await send(container, { httpMethod: "GET", path: "/healthz" })).status, 200);
    assert.equal((await send(container, { httpMethod: "GET", path: "/readyz" })).status, 503);
  });

  it("a key that the store refuses is fetched past the cache, once, and serves from then on", async () => {
    const { extension, manager, weaviate } = deployment;
    const rotated = "isthmus/local/rotated-key";
    manager.secrets.set(rotated, "canary-old-key");
    const environment = { ISTHMUS_WEAVIATE_SECRET_ID: rotated };
    const before = await deployment.container({ environment });
    assert.deepEqual(
      [(await ask(before)).json.code, manager.asked],
      ["store_unavailable", 1],
      "refused, and asked once",
    );
    manager.secrets.set(rotated, weaviate.keys.reader);
    const container = await deployment.container({ environment });
    const served = extension.answers.length;
    assert.equal((await ask(container)).status, 200, container.log());
    assert.equal(extension.answers.length, served + 1, "the extension gave the old key");
    assert.equal(manager.asked, 2);
    assert.equal((await ask(container)).status, 200);
    assert.equal(manager.asked, 2, "the new key is kept");
    await sleep(1_000); // For so long a key that was read anew is not read again.
    assert.equal((await ask(before)).status, 200, "a container that was refused heals");
    assert.doesNotMatch(before.log() + container.log(), /canary|peer-reader-key|local-session-token|local-secret/);
  });

  it("no key to be had: 503 now, 200 when there is one", async () => {
    const { manager } = deployment;
    const late = "isthmus/local/late-key";
    const container = await deployment.container({ environment: { ISTHMUS_WEAVIATE_SECRET_ID: late } });
    const answer = await ask(container);
    assert.deepEqual([answer.status, answer.json.code], [503, "store_unavailable"], container.log());
    assert.ok(answer.headers["retry-after"]);
    manager.secrets.set(late, manager.secrets.get(secretName) ?? "");
    assert.equal((await ask(container)).status, 200);
  });

  it("a store that is down: 503, and 200 when it is back; one that was restarted is connected to again", async () => {
    const container = await deployment.container();
    const [node] = deployment.weaviate.nodes;
    assert.ok(node);
    assert.equal((await ask(container)).status, 200);
    await node.kill();
    const answer = await ask(container);
    assert.deepEqual([answer.status, answer.json.code], [503, "store_unavailable"], container.log());
    const fresh = await deployment.container();
    assert.deepEqual(
      [(await ask(fresh)).status, (await send(fresh, { httpMethod: "GET", path: "/readyz" })).status],
      [503, 503],
    );
    await node.restart();
    assert.equal((await ask(container)).status, 200, container.log());
    assert.equal((await ask(fresh)).status, 200, fresh.log());
  });

  it("a slow store: 504 before the function's own end, and 200 when it answers again", async () => {
    const [node] = deployment.weaviate.nodes;
    const container = await deployment.container({ timeoutMs: 3_000 });
    assert.equal((await ask(container)).status, 200);
    await node?.pause();
    try {
      const answer = await ask(container);
      assert.deepEqual([answer.status, answer.json.code], [504, "deadline_exceeded"], container.log());
      const cold = await deployment.container({ timeoutMs: 3_000 });
      assert.equal(cold.init, "ready", "a store that hangs does not hold up INIT");
      assert.equal((await ask(cold)).status, 504);
    } finally {
      node?.resume();
    }
    assert.equal((await ask(container)).status, 200, container.log());
  });

  it("thaws after its connection was dropped without a word, and connects again", async () => {
    const proxy = await startTcpProxy(deployment.weaviate.grpcUrl);
    try {
      const container = await deployment.container({
        environment: { WEAVIATE_GRPC_URL: `http://127.0.0.1:${proxy.port}` },
      });
      assert.equal((await ask(container)).status, 200);
      const { opened } = proxy;
      proxy.dropSilently();
      // Frozen for longer than a connection is trusted without being asked.
      await sleep(10_500);
      assert.equal((await ask(container)).status, 200, container.log());
      assert.ok(proxy.opened > opened);
    } finally {
      await proxy.close();
    }
  });

  it("INIT that does not end is cut off; the first invocation starts over, within its own time", async () => {
    const code = join(deployment.packaged.folder, "lambda.mjs");
    const original = await readFile(code, "utf8");
    await writeFile(code, `await new Promise((resolve) => setTimeout(resolve, 1500));\n${original}`);
    try {
      const container = await deployment.container({ initMs: 500 });
      assert.equal(container.init, "timed out");
      assert.equal((await ask(container)).status, 200, container.log());
    } finally {
      await writeFile(code, original);
    }
  });

  it("killed in the middle, it starts anew", async () => {
    const container = await deployment.container();
    const { pid } = container;
    assert.equal((await ask(container)).status, 200);
    await container.kill();
    assert.equal((await ask(container)).status, 200);
    assert.notEqual(container.pid, pid);
  });
});
