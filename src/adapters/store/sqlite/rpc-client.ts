import { type ResourceLimits, Worker } from "node:worker_threads";
import { IsthmusError } from "../../../core/errors.ts";
import { createInterruptFlag } from "./interrupt.ts";
import { fromShape, type Handlers, type Reply, type Request, type WithInterruptFlag } from "./rpc.ts";

/** The calling side of a worker that holds a database connection. */
export interface WorkerClient<Methods extends Handlers> {
  call<Name extends keyof Methods & string>(
    method: Name,
    ...parameters: Parameters<Methods[Name]>
  ): Promise<ReturnType<Methods[Name]>>;
  /**
   * As `call`; rejects at once when the signal fires. The work is then spared if it has not begun, and interrupted if it
   * asks for interruption (see interrupt.ts).
   */
  callWith<Name extends keyof Methods & string>(
    signal: AbortSignal | undefined,
    method: Name,
    ...parameters: Parameters<Methods[Name]>
  ): Promise<ReturnType<Methods[Name]>>;
  /** Calls that the worker has not answered, those included that nobody waits for any more. */
  readonly unanswered: number;
  /** The worker takes no more calls: it was closed, ended, or died. */
  readonly ended: boolean;
  /** Calls `close` in the worker, then ends it. Calling again changes nothing. */
  close(): Promise<void>;
  /** Ends the worker without a word to it; resolves when its thread is gone, which code outside JavaScript can put off. */
  end(): Promise<void>;
}

export interface WorkerClientOptions {
  /** Told after each answer, and when the worker has ended. */
  readonly onChange?: () => void;
  readonly resourceLimits?: ResourceLimits;
}

interface Pending {
  resolve(value: never): void;
  reject(error: unknown): void;
}

/**
 * Starts the worker; `data` is its `workerData`, with the flag that interrupts it. The process may end while the worker is
 * idle.
 */
export function connect<Methods extends Handlers>(
  file: URL,
  data: object,
  { onChange = () => {}, resourceLimits = {} }: WorkerClientOptions = {},
): WorkerClient<Methods> {
  const interruptFlag = createInterruptFlag();
  const workerData: WithInterruptFlag = { ...data, interruptFlag };
  // Flags of the parent (a debugger's, a test runner's) are not all allowed in a worker, and none is needed here.
  const worker = new Worker(file, { workerData, execArgv: [], resourceLimits });
  /** Those that somebody waits for. */
  const pending = new Map<number, Pending>();
  /** Those that the worker will answer, in the order in which it will: the first is the one it works on. */
  const unanswered = new Set<number>();
  let nextId = 1;
  let ended: IsthmusError | undefined;
  let closing: Promise<void> | undefined;
  worker.unref();

  const settle = (id: number): Pending | undefined => {
    const found = pending.get(id);
    pending.delete(id);
    // Not before it has answered a call that was given up: others may wait for their turn in it.
    if (unanswered.size === 0) worker.unref();
    return found;
  };
  const finish = (error: IsthmusError): void => {
    ended ??= error;
    unanswered.clear();
    worker.unref();
    for (const id of [...pending.keys()]) settle(id)?.reject(ended);
    onChange();
  };
  worker.on("message", (reply: Reply) => {
    unanswered.delete(reply.id);
    const waiter = settle(reply.id);
    if (reply.kind === "value") waiter?.resolve(reply.value as never);
    else waiter?.reject(fromShape(reply.error));
    onChange();
  });
  worker.on("error", (error) => finish(died(error)));
  worker.on("exit", () => finish(closed()));

  function send<Value>(
    signal: AbortSignal | undefined,
    method: string,
    parameters: readonly unknown[],
  ): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(ended);
      if (signal?.aborted) return reject(abortError(signal));
      const id = nextId++;
      const abort = (): void => {
        const [first] = unanswered;
        // Whether the worker has begun it is not known here: the message is for the case that it has not.
        if (first === id) Atomics.store(interruptFlag, 0, id);
        worker.postMessage({ kind: "cancel", id } satisfies Request);
        if (signal !== undefined) settle(id)?.reject(abortError(signal));
      };
      const release = (): void => signal?.removeEventListener("abort", abort);
      signal?.addEventListener("abort", abort, { once: true });
      pending.set(id, {
        resolve(value) {
          release();
          resolve(value);
        },
        reject(error) {
          release();
          reject(error);
        },
      });
      unanswered.add(id);
      worker.ref();
      worker.postMessage({ kind: "call", id, method, parameters } satisfies Request);
    });
  }

  return {
    call: (method, ...parameters) => send(undefined, method, parameters),
    callWith: (signal, method, ...parameters) => send(signal, method, parameters),
    get unanswered() {
      return unanswered.size;
    },
    get ended() {
      return ended !== undefined;
    },
    close() {
      closing ??= (async () => {
        try {
          if (ended === undefined) await send(undefined, "close", []);
        } finally {
          ended ??= closed();
          await worker.terminate();
        }
      })();
      return closing;
    },
    async end() {
      finish(closed());
      await worker.terminate();
    },
  };
}

export function closed(): IsthmusError {
  return new IsthmusError("store_unavailable", "The store is closed; open it again.");
}

/** The error's message may quote what the worker was working on, so it stays in `cause`. */
function died(error: unknown): IsthmusError {
  const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
  const text = `A worker of the store ended unexpectedly${code}. Try again.`;
  return new IsthmusError("store_unavailable", text, { cause: error, retryAfterMs: 1_000 });
}

export function abortError(signal: AbortSignal): IsthmusError {
  const reason: unknown = signal.reason;
  return reason instanceof IsthmusError ? reason : new IsthmusError("cancelled", "The search was cancelled.");
}
