import { type MessagePort, parentPort, threadId, workerData } from "node:worker_threads";
import { createInterrupt } from "./interrupt.ts";
import type { WithInterruptFlag } from "./rpc.ts";
import { serve } from "./rpc-worker.ts";

/** What the workers of the pool's tests have done, all of them together. */
export const counts = { endlessBegun: 0, endlessEnded: 1, deafBegun: 2, thread: 3 } as const;

export interface PoolWorkerData {
  readonly done: Int32Array<SharedArrayBuffer>;
}

/** For tests of the pool: work of every kind. */
export type PoolWorkerMethods = {
  thread(): number;
  endless(): void;
  deaf(): void;
  die(): void;
  close(): void;
};

function answer(port: MessagePort): void {
  const { done, interruptFlag } = workerData as PoolWorkerData & WithInterruptFlag;
  const interrupt = createInterrupt(interruptFlag);

  const methods: PoolWorkerMethods = {
    thread() {
      Atomics.add(done, counts.thread, 1);
      return threadId;
    },
    endless() {
      Atomics.add(done, counts.endlessBegun, 1);
      try {
        for (;;) interrupt.throwIfInterrupted();
      } finally {
        Atomics.add(done, counts.endlessEnded, 1);
      }
    },
    deaf() {
      Atomics.add(done, counts.deafBegun, 1);
      for (;;);
    },
    die() {
      process.exit(1);
    },
    close() {},
  };

  serve(port, methods, interrupt.begin);
}

// The tests import the names above.
if (parentPort !== null) answer(parentPort);
