// On the main thread, whose environment the worker shares.
import "./telemetry-off.ts";
import { SHARE_ENV, Worker } from "node:worker_threads";
import { IsthmusError, nameOf } from "../../core/errors.ts";
import type { Reply, Request } from "./onnx-messages.ts";
import type { SessionSettings } from "./onnx-session.ts";
import { createRunGate } from "./run-gate.ts";

/** One worker thread with its session, seen from the calling thread. */
export interface WorkerHandle {
  /** Vectors asked for and not yet answered. */
  readonly pending: number;
  /** Vectors answered so far. */
  readonly answered: number;
  readonly dimensions: number;
  /** False once the thread is gone: it takes no more work. */
  readonly alive: boolean;
  /** @throws `embedder_unavailable` when the thread dies under it. */
  embed(ids: readonly number[]): Promise<Float32Array>;
  /** Ends the thread after the run that is under way. */
  close(): Promise<void>;
}

interface Job {
  readonly resolve: (vector: Float32Array) => void;
  readonly reject: (error: IsthmusError) => void;
}

/**
 * Starts a worker and loads the model in it.
 * @param model read while the thread starts. Its buffer is moved to the worker if it is `exclusive`, else copied.
 * @param script the worker's program; another one only in tests.
 * @throws `model_unsupported` and what `model` rejects with; `embedder_unavailable` when the thread cannot start.
 */
export async function startWorker(
  model: Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly exclusive: boolean }>,
  settings: SessionSettings,
  script: URL = new URL(import.meta.url.endsWith(".ts") ? "./onnx-worker.ts" : "./onnx-worker.js", import.meta.url),
): Promise<WorkerHandle> {
  const gate = createRunGate();
  // With the environment itself and no copy: what is set there reaches native code.
  const worker = new Worker(script, { name: "isthmus-embedder", workerData: gate.shared, env: SHARE_ENV });
  const jobs = new Map<number, Job>();
  let next = 0;
  let answered = 0;
  let alive = true;

  function die(reason: string, cause?: unknown): void {
    alive = false;
    gate.abandon();
    const error = new IsthmusError(
      "embedder_unavailable",
      `An embedding worker ended unexpectedly (${reason}). It is started again for the next text.`,
      { cause },
    );
    for (const job of jobs.values()) job.reject(error);
    jobs.clear();
  }

  const loaded = new Promise<number>((resolve, reject) => {
    worker.on("message", (message: Reply) => {
      if (message.kind === "loaded") return resolve(message.dimensions);
      if (message.kind === "unloadable") return reject(new IsthmusError(message.code, message.message));
      const job = jobs.get(message.job);
      jobs.delete(message.job);
      if (message.kind === "vector") {
        answered++;
        job?.resolve(message.vector);
      } else {
        job?.reject(
          new IsthmusError("embedder_unavailable", `The model could not be run on a text (${message.message}).`),
        );
      }
    });
    worker.on("error", (cause) => {
      die(nameOf(cause), cause);
      reject(
        new IsthmusError("embedder_unavailable", `An embedding worker could not start (${nameOf(cause)}).`, { cause }),
      );
    });
    worker.on("exit", (code) => {
      die(`exit code ${code}`);
      reject(
        new IsthmusError("embedder_unavailable", `An embedding worker ended while it started (exit code ${code}).`),
      );
    });
  });

  function post(request: Request, transfer: ArrayBuffer[] = []): void {
    worker.postMessage(request, transfer);
  }

  /** Lets the run in hand finish (milliseconds); the gate says why. */
  async function stop(): Promise<void> {
    gate.shut();
    if (alive) await gate.idle();
    await worker.terminate();
  }

  try {
    const [{ dimensions }] = await Promise.all([
      loaded.then((length) => ({ dimensions: length })),
      model.then(({ bytes, exclusive }) =>
        post({ kind: "load", model: bytes, settings }, exclusive ? [bytes.buffer] : []),
      ),
    ]);
    return {
      dimensions,
      get pending() {
        return jobs.size;
      },
      get answered() {
        return answered;
      },
      get alive() {
        return alive;
      },
      embed(ids) {
        return new Promise((resolve, reject) => {
          const job = next++;
          jobs.set(job, { resolve, reject });
          post({ kind: "embed", job, ids });
        });
      },
      close: stop,
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}
