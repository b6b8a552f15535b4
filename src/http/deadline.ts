import type { Context } from "hono";
import { IsthmusError } from "../core/errors.ts";
import type { RequestScope } from "./dependencies.ts";

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

/** The deadline of a request: the app's own, or what the platform leaves it if that is less. */
export function startRequestDeadline(context: Context<RequestScope>, milliseconds: number): Deadline {
  // Without bindings Hono leaves `env` undefined, whatever its types say.
  const remaining = (context.env as RequestScope["Bindings"] | undefined)?.remainingMs ?? milliseconds;
  return startDeadline(context.req.raw.signal, Math.max(0, Math.min(milliseconds, remaining)));
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
