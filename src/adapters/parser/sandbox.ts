import { Worker } from "node:worker_threads";
import { IsthmusError } from "../../core/errors.ts";
import type { SandboxItem, SandboxJob, SandboxReply } from "./sandbox-protocol.ts";

export interface SandboxLimits {
  /** Workers at most; more jobs wait. */
  readonly workers: number;
  /** CPU time of one document's reader. Not the clock's: on a busy machine a document would fail for its neighbours. */
  readonly cpuMs: number;
  /** JavaScript heap of one worker. */
  readonly heapMegabytes: number;
  /** Buffers of one worker, which are not on its heap: what a compressed stream unfolds into. */
  readonly bufferMegabytes: number;
}

/** Reads documents in workers, so that a hostile or broken one costs neither the event loop nor the process. */
export interface Sandbox {
  /**
   * @throws what the reader threw; `parse_limit` for one that took too long or too much memory; `cancelled` by the
   * signal or by `close`.
   */
  run(job: SandboxJob, signal?: AbortSignal): Promise<readonly SandboxItem[]>;
  close(): Promise<void>;
}

const defaults: SandboxLimits = { workers: 2, cpuMs: 60_000, heapMegabytes: 768, bufferMegabytes: 768 };
const checkMs = 100;
// A reader that waits for what never comes uses no CPU: it is given up after this many times the CPU time by the clock.
const clockFactor = 10;
// V8's own limit stands further off: where one single allocation passes it, V8 ends the whole process, not the worker (a PDF
// whose font lists four thousand million widths did). Growing that far takes longer than the checks need to see it.
const hardHeapFactor = 4;
const workerFile = new URL(
  import.meta.url.endsWith(".ts") ? "./sandbox-worker.ts" : "./sandbox-worker.js",
  import.meta.url,
);

const cancelled = (why: unknown): IsthmusError =>
  new IsthmusError("cancelled", "Parsing was cancelled.", { cause: why });

function startWorker(limits: SandboxLimits): Worker {
  return new Worker(workerFile, {
    resourceLimits: { maxOldGenerationSizeMb: limits.heapMegabytes * hardHeapFactor },
    // No key of ours is any business of a document's reader.
    env: {},
    execArgv: [],
    // Kept from the terminal. Not read either: a stream that is being read would keep the process alive.
    stdout: true,
    stderr: true,
  });
}

/** Milliseconds of CPU that a worker's thread has used since it began. */
async function cpuOf(worker: Worker): Promise<number> {
  // Node before 24.6 does not tell: what its event loop was not idle is the most it can have been.
  if (typeof worker.cpuUsage !== "function") return worker.performance.eventLoopUtilization().active;
  const { user, system } = await worker.cpuUsage();
  return (user + system) / 1000;
}

/** Runs one job on a worker. If this rejects, the worker is in an unknown state and must be ended. */
function runOn(worker: Worker, job: SandboxJob, limits: SandboxLimits, signal: AbortSignal): Promise<SandboxReply> {
  return new Promise((resolve, reject) => {
    const limit = (what: string): IsthmusError =>
      new IsthmusError(
        "parse_limit",
        `${job.name} could not be read as ${job.kind.toUpperCase()} within ${what}. Split or simplify the file.`,
      );
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      clearInterval(watch);
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      signal.removeEventListener("abort", onAbort);
      worker.unref();
      settle();
    };
    const fail = (error: unknown): void => finish(() => reject(error));
    const onMessage = (reply: SandboxReply): void => finish(() => resolve(reply));
    const onError = (error: Error & { code?: string }): void => {
      if (error.code === "ERR_WORKER_OUT_OF_MEMORY") fail(limit(`${limits.heapMegabytes} MiB of memory`));
      else fail(new IsthmusError("parse_failed", `${job.name} broke its reader (${error.name}).`, { cause: error }));
    };
    const onExit = (): void => fail(new IsthmusError("parse_failed", `The reader of ${job.name} ended early.`));
    const onAbort = (): void => fail(cancelled(signal.reason));
    const seconds = `${limits.cpuMs / 1000} seconds of CPU time`;
    const timer = setTimeout(() => fail(limit(seconds)), limits.cpuMs * clockFactor);
    let asked = false;
    // A worker that has read other documents before has used time for those.
    let usedBefore: number | undefined;
    const check = async (): Promise<void> => {
      // A busy worker answers late; its answers must not pile up.
      if (asked) return;
      asked = true;
      const [{ external_memory: buffers, used_heap_size: heap }, used] = await Promise.all([
        worker.getHeapStatistics(),
        cpuOf(worker),
        // One that has not begun yet refuses to answer: it is asked again.
      ]).finally(() => {
        asked = false;
      });
      usedBefore ??= used;
      if (used - usedBefore > limits.cpuMs) fail(limit(seconds));
      if (heap > limits.heapMegabytes * 1024 * 1024) fail(limit(`${limits.heapMegabytes} MiB of memory`));
      else if (buffers > limits.bufferMegabytes * 1024 * 1024) fail(limit(`${limits.bufferMegabytes} MiB of buffers`));
    };
    // A worker that ends meanwhile tells so by its own events.
    const watch = setInterval(() => void check().catch(() => undefined), checkMs);
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    signal.addEventListener("abort", onAbort, { once: true });
    worker.ref();
    worker.postMessage(job, [job.bytes.buffer]);
  });
}

export function createSandbox(given: Partial<SandboxLimits> = {}): Sandbox {
  const limits: SandboxLimits = { ...defaults, ...given };
  const closing = new AbortController();
  const idle: Worker[] = [];
  const waiting: (() => void)[] = [];
  let busy = 0;

  const start = (): Worker => {
    const worker = startWorker(limits);
    const forget = (): void => {
      if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1);
    };
    // Without a listener, the end of an idle worker would be an uncaught error of the whole process.
    return worker.on("error", forget).on("exit", forget);
  };
  const enter = async (signal: AbortSignal): Promise<void> => {
    if (signal.aborted) throw cancelled(signal.reason);
    if (busy >= limits.workers) {
      await new Promise<void>((resolve, reject) => {
        const onTurn = (): void => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        };
        const onAbort = (): void => {
          waiting.splice(waiting.indexOf(onTurn), 1);
          reject(cancelled(signal.reason));
        };
        waiting.push(onTurn);
        signal.addEventListener("abort", onAbort, { once: true });
      });
    } else busy += 1;
  };
  // A turn is handed on, so that nobody who comes in between can take it.
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else busy -= 1;
  };

  return {
    async run(job, jobSignal) {
      const signal = jobSignal ? AbortSignal.any([jobSignal, closing.signal]) : closing.signal;
      await enter(signal);
      if (signal.aborted) {
        leave();
        throw cancelled(signal.reason);
      }
      const worker = idle.pop() ?? start();
      let reply: SandboxReply;
      try {
        reply = await runOn(worker, job, limits, signal);
        idle.push(worker);
      } catch (error) {
        // A thread that ends while it is asked for its memory does not keep the process alive: without this, one that has
        // nothing else to wait for ended here with code 13, before the error was told.
        const alive = setInterval(() => undefined, 60_000);
        await worker.terminate().finally(() => clearInterval(alive));
        throw error;
      } finally {
        leave();
      }
      if (reply.ok) return reply.parsed;
      throw new IsthmusError(reply.code, reply.message);
    },
    async close() {
      closing.abort(new Error("the parsers were closed"));
      await Promise.all(idle.splice(0).map((worker) => worker.terminate()));
    },
  };
}
