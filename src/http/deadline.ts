import { IsthmusError } from "../core/errors.ts";

export interface Deadline {
  /** Fires with `deadline_exceeded` when time is up, with `cancelled` when the client goes away. */
  readonly signal: AbortSignal;
  /** Stops the clock; call it when the answer is known. */
  clear(): void;
}

/** Joins the client's own signal (its connection) with a limit in milliseconds. */
export function startDeadline(client: AbortSignal, milliseconds: number): Deadline {
  const controller = new AbortController();
  const leave = () => controller.abort(new IsthmusError("cancelled", "The client closed the connection."));
  const timer = setTimeout(
    () => controller.abort(new IsthmusError("deadline_exceeded", `No answer within ${milliseconds} ms.`)),
    milliseconds,
  );
  if (client.aborted) leave();
  else client.addEventListener("abort", leave, { once: true });
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer);
      client.removeEventListener("abort", leave);
    },
  };
}

/** Settles as `work` does, or rejects with the signal's reason if that comes first; `work` itself is not stopped. */
export async function beforeAbort<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  work.catch(() => {}); // When the signal comes first, nobody else looks at a later failure.
  signal.throwIfAborted();
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
