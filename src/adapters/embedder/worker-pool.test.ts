import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { makeTinyModel, writeTinyModel } from "../../../test/support/tiny-model.ts";
import { IsthmusError } from "../../core/errors.ts";
import { startWorker, type WorkerHandle } from "./worker-handle.ts";
import { createWorkerPool } from "./worker-pool.ts";

/** A worker whose answers wait until the test lets them go. */
class ManualWorker implements WorkerHandle {
  readonly dimensions = 1;
  alive = true;
  answered = 0;
  readonly waiting: { id: number; resolve: (vector: Float32Array) => void; reject: (error: Error) => void }[] = [];
  get pending() {
    return this.waiting.length;
  }
  embed([id = 0]: readonly number[]): Promise<Float32Array> {
    return new Promise((resolve, reject) => this.waiting.push({ id, resolve, reject }));
  }
  answer(): number {
    const job = this.waiting.shift();
    assert.ok(job);
    this.answered++;
    job.resolve(Float32Array.of(job.id));
    return job.id;
  }
  die(): void {
    this.alive = false;
    for (const job of this.waiting.splice(0)) job.reject(new IsthmusError("embedder_unavailable", "dead"));
  }
  async close(): Promise<void> {
    this.die();
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const texts = (count: number) => Array.from({ length: count }, (_, index) => [index]);

test("one text starts no second worker; waiting texts start all that are allowed", async () => {
  const [first, second, third] = [new ManualWorker(), new ManualWorker(), new ManualWorker()];
  const starts: number[] = [];
  const pool = createWorkerPool(first, 3, (count) => {
    starts.push(count);
    return [Promise.resolve(second), Promise.resolve(third)];
  });
  const one = pool.run([[7]]);
  first.answer();
  assert.deepEqual(await one, [Float32Array.of(7)]);
  assert.deepEqual(starts, []);

  const many = pool.run(texts(9));
  await settled();
  assert.deepEqual(starts, [2]);
  assert.deepEqual([first.pending, second.pending, third.pending], [2, 2, 2], "each has one to run and one at hand");
  while (first.pending + second.pending + third.pending > 0) {
    for (const worker of [third, first, second]) if (worker.pending > 0) worker.answer();
    await settled();
  }
  assert.deepEqual(
    await many,
    texts(9).map(([id = 0]) => Float32Array.of(id)),
    "in the order of the texts, not of the answers",
  );
  assert.deepEqual(pool.answered(), [4, 3, 3]);
  await pool.close();
});

test("an abort drops the texts that wait and leaves the other calls alone", async () => {
  const worker = new ManualWorker();
  const pool = createWorkerPool(worker, 1, () => []);
  const stopper = new AbortController();
  const dropped = pool.run(texts(5), stopper.signal);
  const kept = pool.run([[42]]);
  stopper.abort();
  await assert.rejects(dropped, { code: "cancelled" });
  assert.equal(worker.answer(), 0);
  assert.equal(worker.answer(), 1);
  await settled();
  assert.equal(worker.answer(), 42, "texts 2 to 4 were never handed out");
  assert.deepEqual(await kept, [Float32Array.of(42)]);
  await pool.close();
});

test("a worker that dies rejects its texts and is replaced for the next ones", async () => {
  const [first, second] = [new ManualWorker(), new ManualWorker()];
  const pool = createWorkerPool(first, 1, () => [Promise.resolve(second)]);
  const lost = pool.run(texts(2));
  const waiting = pool.run([[5]]);
  first.die();
  await assert.rejects(lost, { code: "embedder_unavailable", retryable: true });
  await settled();
  second.answer();
  assert.deepEqual(await waiting, [Float32Array.of(5)]);
  await pool.close();
});

test("when no worker can be started, texts are refused with the reason, and tried again later", async () => {
  const first = new ManualWorker();
  const second = new ManualWorker();
  const starts = [Promise.reject(new IsthmusError("model_missing", "gone")), Promise.resolve(second)];
  starts[0]?.catch(() => {});
  const pool = createWorkerPool(first, 1, () => starts.splice(0, 1));
  first.die();
  await assert.rejects(pool.run(texts(1)), { code: "model_missing" });
  const later = pool.run([[3]]);
  await settled();
  second.answer();
  assert.deepEqual(await later, [Float32Array.of(3)]);
  await pool.close();
});

test("closing rejects what is asked for, waits for workers that are starting, and may be repeated", async () => {
  const first = new ManualWorker();
  const late = new ManualWorker();
  let arrive: (worker: WorkerHandle) => void = () => {};
  const pool = createWorkerPool(first, 2, () => [new Promise((resolve) => (arrive = resolve))]);
  const asked = pool.run(texts(4));
  const closing = pool.close();
  await assert.rejects(asked, { code: "cancelled" });
  arrive(late);
  await closing;
  await pool.close();
  assert.deepEqual([first.alive, late.alive], [false, false]);
  await assert.rejects(pool.run(texts(1)), { code: "cancelled" });
});

let directory: string | undefined;
afterEach(async () => {
  if (directory !== undefined) await rm(directory, { recursive: true });
  directory = undefined;
});

test("a thread that crashes rejects what it was asked for with `embedder_unavailable`", async () => {
  const program = `
    import { parentPort, workerData } from "node:worker_threads";
    workerData[1] = 0;
    parentPort.on("message", (request) => {
      if (request.kind === "load") parentPort.postMessage({ kind: "loaded", dimensions: 1 });
      else if (request.ids[0] === 13) throw new Error("boom");
      else parentPort.postMessage({ kind: "vector", job: request.job, vector: Float32Array.of(request.ids[0]) });
    });`;
  const script = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
  const start = () =>
    startWorker(
      Promise.resolve({ bytes: new Uint8Array(1), exclusive: false }),
      { pooling: "mean", furtherModules: [] },
      script,
    );
  const pool = createWorkerPool(await start(), 1, (count) => Array.from({ length: count }, start));
  assert.deepEqual(await pool.run([[1]]), [Float32Array.of(1)]);
  await assert.rejects(pool.run([[13], [2]]), { code: "embedder_unavailable", message: /unexpectedly \(Error\)/ });
  assert.deepEqual(await pool.run([[3]]), [Float32Array.of(3)], "a new thread answers");
  await pool.close();
});

test("threads end safely in the midst of runs, by close and by process.exit", async () => {
  const modules = ["./onnx.ts", "../model/bundled.ts"].map((path) => new URL(path, import.meta.url).href);
  const program = `(async () => {
    const [{ createOnnxEmbedder }, { bundledModelDirectory }] = await Promise.all(
      ${JSON.stringify(modules)}.map((path) => import(path)),
    );
    for (let wait = 0; wait < 60; wait += 20) {
      const embedder = await createOnnxEmbedder({ directory: bundledModelDirectory(), workers: 2 });
      const runs = Array.from({ length: 6 }, () => embedder.embed(["wing orbit ".repeat(120)]));
      const ends = Promise.allSettled(runs);
      await new Promise((resolve) => setTimeout(resolve, wait));
      if (wait === 40) process.exit(7);
      await embedder.close();
      await ends;
    }
  })();`;
  const child = spawn(process.execPath, ["--eval", program], { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (chunk) => (errors += chunk));
  const [code] = await once(child, "exit");
  assert.equal(code, 7, errors);
});

test("bytes that are no model are refused while the worker starts", async () => {
  const { files } = makeTinyModel();
  directory = await mkdtemp(join(tmpdir(), "isthmus-pool-"));
  await writeTinyModel(directory);
  const settings = { pooling: "mean", furtherModules: [] } as const;
  const bytes = Uint8Array.from(files.get("onnx/model.onnx") ?? []);
  const good = await startWorker(Promise.resolve({ bytes, exclusive: true }), settings);
  assert.equal(good.dimensions, 16);
  await good.close();
  const broken = Promise.resolve({ bytes: Uint8Array.of(1, 2, 3), exclusive: true });
  await assert.rejects(startWorker(broken, settings), { code: "model_unsupported" });
});
