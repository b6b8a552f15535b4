import { Worker } from "node:worker_threads";
import { IsthmusError } from "../../../core/errors.ts";
import { fromShape, type Handlers, type Reply, type Request } from "./rpc.ts";

/** The calling side of a worker that holds a database connection. */
export interface Connection<Methods extends Handlers> {
  call<Name extends keyof Methods & string>(
    method: Name,
    ...parameters: Parameters<Methods[Name]>
  ): Promise<ReturnType<Methods[Name]>>;
  /** As `call`; rejects at once when the signal fires, and spares the work if it has not begun. */
  callWith<Name extends keyof Methods & string>(
    signal: AbortSignal | undefined,
    method: Name,
    ...parameters: Parameters<Methods[Name]>
  ): Promise<ReturnType<Methods[Name]>>;
  /** Calls `close` in the worker, then ends it. Calling again changes nothing. */
  close(): Promise<void>;
}

interface Pending {
  resolve(value: never): void;
  reject(error: unknown): void;
}

/** Starts the worker; `data` is its `workerData`. The process may end while the worker is idle. */
export function connect<Methods extends Handlers>(file: URL, data: unknown): Connection<Methods> {
  // Flags of the parent (a debugger's, a test runner's) are not all allowed in a worker, and none is needed here.
  const worker = new Worker(file, { workerData: data, execArgv: [] });
  const pending = new Map<number, Pending>();
  let nextId = 1;
  let ended: IsthmusError | undefined;
  let closing: Promise<void> | undefined;
  worker.unref();

  const settle = (id: number): Pending | undefined => {
    const found = pending.get(id);
    pending.delete(id);
    if (pending.size === 0) worker.unref();
    return found;
  };
  const end = (error: IsthmusError): void => {
    ended ??= error;
    for (const id of [...pending.keys()]) settle(id)?.reject(ended);
  };
  worker.on("message", (reply: Reply) => {
    const waiter = settle(reply.id);
    if (reply.kind === "value") waiter?.resolve(reply.value as never);
    else waiter?.reject(fromShape(reply.error));
  });
  worker.on("error", (error) => end(new IsthmusError("internal", `The store's worker failed: ${String(error)}`)));
  worker.on("exit", () => end(new IsthmusError("store_unavailable", "The store is closed; open it again.")));

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
      worker.ref();
      worker.postMessage({ kind: "call", id, method, parameters } satisfies Request);
    });
  }

  return {
    call: (method, ...parameters) => send(undefined, method, parameters),
    callWith: (signal, method, ...parameters) => send(signal, method, parameters),
    close() {
      closing ??= (async () => {
        try {
          if (ended === undefined) await send(undefined, "close", []);
        } finally {
          ended ??= new IsthmusError("store_unavailable", "The store is closed; open it again.");
          await worker.terminate();
        }
      })();
      return closing;
    },
  };
}

function abortError(signal: AbortSignal): IsthmusError {
  const reason: unknown = signal.reason;
  return reason instanceof IsthmusError ? reason : new IsthmusError("cancelled", "The search was cancelled.");
}
