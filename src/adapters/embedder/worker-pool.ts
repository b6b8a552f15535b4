import { IsthmusError, toIsthmusError } from "../../core/errors.ts";
import type { WorkerHandle } from "./worker-handle.ts";

/** Hands texts to workers, and starts workers as there is work for them. */
export interface WorkerPool {
  /**
   * In order, one vector for each text. All or nothing: after an error or an abort the rest of the call is dropped.
   * @throws `cancelled`, `embedder_unavailable`, and what a worker's start rejects with.
   */
  run(texts: readonly (readonly number[])[], signal?: AbortSignal): Promise<Float32Array[]>;
  /** Texts answered by each worker, dead ones left out. */
  answered(): readonly number[];
  /** Ends the workers; what is still asked for is rejected with `cancelled`. May be called again. */
  close(): Promise<void>;
}

/** One running and one waiting in the worker's port, so that no worker idles while its answer travels. */
const DEPTH = 2;

interface Call {
  open: boolean;
  readonly deliver: (index: number, vector: Float32Array) => void;
  readonly fail: (error: IsthmusError) => void;
}

interface Item {
  readonly call: Call;
  readonly index: number;
  readonly ids: readonly number[];
}

/**
 * @param first already started: the pool owns it.
 * @param size workers at most.
 * @param start starts the given number of workers more.
 */
export function createWorkerPool(
  first: WorkerHandle,
  size: number,
  start: (count: number) => readonly Promise<WorkerHandle>[],
): WorkerPool {
  let workers: WorkerHandle[] = [first];
  let queue: Item[] = [];
  const starting = new Set<Promise<void>>();
  const calls = new Set<Call>();
  let closing: Promise<void> | undefined;

  function leastBusy(): WorkerHandle | undefined {
    const free = workers.filter((worker) => worker.pending < DEPTH);
    return free.reduce<WorkerHandle | undefined>(
      (best, one) => (best && best.pending <= one.pending ? best : one),
      undefined,
    );
  }

  function dispatch(): void {
    workers = workers.filter((worker) => worker.alive);
    for (let worker = leastBusy(); worker !== undefined; worker = leastBusy()) {
      const item = queue.shift();
      if (item === undefined) return;
      if (item.call.open) hand(worker, item);
    }
    queue = queue.filter((item) => item.call.open);
    if (queue.length > 0) grow();
  }

  function hand(worker: WorkerHandle, { call, index, ids }: Item): void {
    worker
      .embed(ids)
      .then(
        (vector) => call.deliver(index, vector),
        (thrown: unknown) => call.fail(toIsthmusError(thrown)),
      )
      .finally(dispatch);
  }

  function grow(): void {
    const wanted = size - workers.length - starting.size;
    if (wanted <= 0 || closing !== undefined) return;
    for (const worker of start(wanted)) {
      const settled = worker.then(admit, refuse).finally(() => {
        starting.delete(settled);
        dispatch();
      });
      starting.add(settled);
    }
  }

  async function admit(worker: WorkerHandle): Promise<void> {
    if (closing === undefined) workers.push(worker);
    else await worker.close();
  }

  /** Fewer workers still do the work; without any, the texts must not wait for ever. */
  function refuse(thrown: unknown): void {
    if (workers.some((worker) => worker.alive)) size = Math.max(1, size - 1);
    else for (const call of [...calls]) call.fail(toIsthmusError(thrown));
  }

  return {
    run(texts, signal) {
      return new Promise((resolve, reject) => {
        const vectors: Float32Array[] = [];
        let missing = texts.length;
        const abort = () =>
          call.fail(new IsthmusError("cancelled", "Embedding was cancelled.", { cause: signal?.reason }));
        const settle = () => {
          call.open = false;
          calls.delete(call);
          signal?.removeEventListener("abort", abort);
        };
        const call: Call = {
          open: true,
          deliver(index, vector) {
            vectors[index] = vector;
            if (--missing > 0 || !call.open) return;
            settle();
            resolve(vectors);
          },
          fail(error) {
            settle();
            reject(error);
          },
        };
        calls.add(call);
        if (closing !== undefined) return call.fail(closed());
        if (signal?.aborted) return abort();
        if (texts.length === 0) {
          settle();
          return resolve(vectors);
        }
        signal?.addEventListener("abort", abort, { once: true });
        for (const [index, ids] of texts.entries()) queue.push({ call, index, ids });
        dispatch();
      });
    },
    answered: () => workers.map((worker) => worker.answered),
    close() {
      closing ??= Promise.resolve().then(async () => {
        for (const call of [...calls]) call.fail(closed());
        await Promise.all([...starting, ...workers.map((worker) => worker.close())]);
      });
      return closing;
    },
  };
}

function closed(): IsthmusError {
  return new IsthmusError("cancelled", "The embedder is closed.");
}
