const CLOSED = 0;
const BUSY = 1;

/**
 * Keeps a worker thread from being ended while it is inside native code. onnxruntime-node aborts the whole process
 * ("terminate called after throwing an instance of 'Napi::Error'") when its thread is terminated during a run, and
 * `process.exit` terminates every thread. Both threads look at the same two words of memory.
 */
export interface RunGate {
  /** For `workerData`. */
  readonly shared: Int32Array<SharedArrayBuffer>;
  /** Nothing native is begun from now on. */
  shut(): void;
  /** Resolves when nothing native is under way. Shut the gate first. */
  idle(): Promise<void>;
  /** For a thread that is gone. */
  abandon(): void;
}

/** Busy until the worker says otherwise: loading the native library counts. */
export function createRunGate(): RunGate {
  const shared = new Int32Array(new SharedArrayBuffer(8));
  Atomics.store(shared, BUSY, 1);
  gates.add(shared);
  if (gates.size === 1) process.on("exit", waitForAll);
  const abandon = () => {
    Atomics.store(shared, BUSY, 0);
    Atomics.notify(shared, BUSY);
    if (gates.delete(shared) && gates.size === 0) process.off("exit", waitForAll);
  };
  return {
    shared,
    shut: () => void Atomics.store(shared, CLOSED, 1),
    async idle() {
      const waited = Atomics.waitAsync(shared, BUSY, 1);
      if (waited.async) await waited.value;
    },
    abandon,
  };
}

/**
 * The worker's side: does `work` unless the gate is shut.
 * @returns undefined where it is shut.
 */
export async function throughGate<T>(shared: Int32Array, work: () => Promise<T>): Promise<T | undefined> {
  Atomics.store(shared, BUSY, 1);
  try {
    return Atomics.load(shared, CLOSED) === 0 ? await work() : undefined;
  } finally {
    openGate(shared);
  }
}

/** The worker's side: nothing native is under way. */
export function openGate(shared: Int32Array): void {
  Atomics.store(shared, BUSY, 0);
  Atomics.notify(shared, BUSY);
}

const gates = new Set<Int32Array>();
/** A run takes some ten milliseconds and loading a model some hundred; more than this means that the thread is stuck. */
const LONGEST_WAIT_MS = 3_000;

function waitForAll(): void {
  for (const shared of gates) Atomics.store(shared, CLOSED, 1);
  for (const shared of gates) Atomics.wait(shared, BUSY, 1, LONGEST_WAIT_MS);
}
