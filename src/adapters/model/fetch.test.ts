import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import {
  HUB_COMMIT,
  listen,
  type ModelHub,
  sendContent,
  startModelHub,
  stop,
} from "../../../test/support/model-hub.ts";
import { makeTinyModel } from "../../../test/support/tiny-model.ts";
import { type FetchProgress, fetchModel } from "./fetch.ts";
import { verifyModel } from "./verify.ts";

const model = makeTinyModel();
const onnxPath = `/tiny/model/resolve/${HUB_COMMIT}/onnx/model.onnx`;
let hub: ModelHub;
let cacheDir: string;

beforeEach(async () => {
  hub = await startModelHub(model);
  cacheDir = await mkdtemp(join(tmpdir(), "isthmus-hub-"));
});

afterEach(async () => {
  await hub.close();
  await rm(cacheDir, { recursive: true, force: true });
});

const request = (more: object = {}) => ({
  spec: "tiny/model@main",
  hubUrl: `${hub.url}/`,
  cacheDir,
  retry: { baseMs: 1 },
  ...more,
});
const downloads = () => hub.requests.filter(({ path }) => path.includes("/resolve/"));

test("a model is fetched whole, checked, and pinned to the commit of its revision", async () => {
  const progress: FetchProgress[] = [];
  const directory = await fetchModel(request({ onProgress: (step: FetchProgress) => progress.push(step) }));
  assert.equal(directory, join(cacheDir, "tiny", "model", HUB_COMMIT));
  const files = await verifyModel(directory);
  assert.deepEqual([...files].sort(), [...model.files.keys(), "isthmus-model.json"].sort());
  assert.deepEqual(await readFile(join(directory, "onnx", "model.onnx")), model.files.get("onnx/model.onnx"));
  assert.ok(!files.includes("README.md"), "only what the model needs is fetched");
  assert.ok(downloads().every(({ path }) => path.includes(`/resolve/${HUB_COMMIT}/`)));
  const total = [...model.files.values()].reduce((sum, content) => sum + content.length, 0);
  assert.ok(progress.every((step) => step.totalBytes === total));
  assert.equal(progress.at(-1)?.receivedBytes, total);
  assert.deepEqual(await readdir(join(cacheDir, "tiny", "model")), [HUB_COMMIT, "revisions"]);
});

test("what is cached is used without the network, by branch and by commit", async () => {
  const directory = await fetchModel(request());
  await hub.close();
  assert.equal(await fetchModel(request()), directory);
  assert.equal(await fetchModel(request({ spec: "tiny/model" })), directory);
  assert.equal(await fetchModel(request({ spec: `tiny/model@${HUB_COMMIT}` })), directory);
});

test("a connection cut midway is resumed where it broke", async () => {
  let cut: (() => void) | undefined;
  hub.intercept = (asked, response, content) => {
    if (asked.url !== onnxPath || content === undefined || cut !== undefined) return false;
    response.writeHead(200, { "content-length": content.length });
    response.write(content.subarray(0, 700));
    cut = () => response.destroy();
    return true;
  };
  // Cut once the bytes have arrived: what is still on its way is lost with the connection.
  await verifyModel(await fetchModel(request({ onProgress: () => cut?.() })));
  const asked = hub.requests.filter(({ path }) => path === onnxPath);
  assert.deepEqual(
    asked.map(({ range }) => range),
    [undefined, "bytes=700-"],
  );
});

test("an earlier, abandoned fetch is resumed by the next one", async () => {
  const stopper = new AbortController();
  hub.intercept = (asked, response, content) => {
    if (asked.url !== onnxPath || content === undefined) return false;
    response.writeHead(200, { "content-length": content.length });
    response.write(content.subarray(0, 300));
    return true;
  };
  const onProgress = ({ file }: FetchProgress) => file === "onnx/model.onnx" && stopper.abort();
  await assert.rejects(fetchModel(request({ signal: stopper.signal, onProgress })), { code: "cancelled" });
  hub.intercept = () => false;
  await verifyModel(await fetchModel(request()));
  assert.equal(hub.requests.filter(({ path }) => path === onnxPath).at(-1)?.range, "bytes=300-");
});

test("a server that ignores Range is read from the start again", async () => {
  let answers = 0;
  hub.intercept = (asked, response, content) => {
    if (asked.url !== onnxPath || content === undefined) return false;
    response.writeHead(200, { "content-length": content.length });
    if (answers++ > 0) response.end(content);
    else response.write(content.subarray(0, 500), () => setImmediate(() => response.destroy()));
    return true;
  };
  await verifyModel(await fetchModel(request()));
  assert.equal(answers, 2);
});

for (const file of ["onnx/model.onnx", "tokenizer.json"]) {
  test(`${file} with a wrong checksum is refused, and nothing is cached`, async () => {
    hub.intercept = (asked, response, content) => {
      if (content === undefined || !asked.url?.endsWith(file)) return false;
      const forged = Buffer.from(content);
      forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
      sendContent(asked, response, forged);
      return true;
    };
    await assert.rejects(fetchModel(request()), { code: "model_fetch_failed", message: new RegExp(file) });
    assert.deepEqual(await readdir(join(cacheDir, "tiny", "model")), [`${HUB_COMMIT}.partial`]);
    hub.intercept = () => false;
    await verifyModel(await fetchModel(request()));
  });
}

test("429 and 503 are tried again, and Retry-After is honoured", async () => {
  const refusals = [429, 503];
  hub.intercept = (_, response) => {
    const status = refusals.shift();
    if (status === undefined) return false;
    response.writeHead(status, { "retry-after": "3600" }).end();
    return true;
  };
  await verifyModel(await fetchModel(request({ retry: { baseMs: 1, maxRetryAfterMs: 1 } })));
  assert.equal(hub.requests.filter(({ path }) => path.startsWith("/api/")).length, 3);

  await rm(cacheDir, { recursive: true });
  refusals.push(429, 429);
  await assert.rejects(fetchModel(request({ retry: { attempts: 1 } })), { retryAfterMs: 3_600_000, retryable: true });
});

test("a redirect to another host is followed, without the token", async () => {
  const seen: (string | undefined)[] = [];
  const cdn = createServer((asked, response) => {
    seen.push(asked.headers.authorization);
    sendContent(asked, response, model.files.get((asked.url ?? "").slice(1)) ?? Buffer.alloc(0));
  });
  const cdnUrl = await listen(cdn);
  hub.intercept = (_, response, content) => {
    if (content === undefined) return false;
    const path = [...model.files].find(([, bytes]) => bytes === content)?.[0] ?? "";
    response.writeHead(302, { location: `${cdnUrl}/${path}` }).end();
    return true;
  };
  try {
    await verifyModel(await fetchModel(request({ token: "hf_secret" })));
  } finally {
    await stop(cdn);
  }
  assert.equal(seen.length, model.files.size);
  assert.ok(seen.every((authorization) => authorization === undefined));
  assert.ok(hub.requests.every(({ authorization }) => authorization === "Bearer hf_secret"));
});

test("what does not exist is said plainly, and not tried again", async () => {
  await assert.rejects(fetchModel(request({ spec: "tiny/other" })), { code: "model_missing", retryable: false });
  assert.equal(hub.requests.length, 1);
  for (const spec of ["tiny", "a/b/c", "../x@main", "a/b@../../etc", "a/b@"]) {
    await assert.rejects(fetchModel(request({ spec })), { code: "config_invalid" }, spec);
  }
  assert.equal(hub.requests.length, 1);
});

test("a model without an ONNX export is not supported", async () => {
  await hub.close();
  const files = new Map([...model.files].filter(([path]) => !path.endsWith(".onnx")));
  hub = await startModelHub({ ...model, files });
  await assert.rejects(fetchModel(request()), { code: "model_unsupported", message: /onnx\/model\.onnx/ });
});

test("a damaged cached model is mended by a refresh", async () => {
  const directory = await fetchModel(request());
  const path = join(directory, "tokenizer.json");
  await writeFile(path, "{}");
  await assert.rejects(verifyModel(directory), { code: "model_damaged" });
  await fetchModel(request({ refresh: true }));
  await verifyModel(directory);
  assert.equal((await stat(path)).size, model.files.get("tokenizer.json")?.length);
});
