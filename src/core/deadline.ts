import { IsthmusError } from "./errors.ts";
import { untilAborted } from "./retry.ts";

/** Milliseconds of one query, the same at every door: 15 s leave a function's start its time within the gateway's 29. */
export const queryDeadlineMs = 15_000;

export interface Deadline {
  /** Fires with `deadline_exceeded` when time is up, and with its caller's own reason where that comes first. */
  readonly signal: AbortSignal;
  /** Stops the clock; call it when the answer is known. */
  clear(): void;
}

/** @param caller ends the work sooner, by its own reason. */
export function startDeadline(milliseconds: number, caller?: AbortSignal): Deadline {
  const controller = new AbortController();
  const leave = () => controller.abort(caller?.reason);
  const timer = setTimeout(() => controller.abort(late()), milliseconds);
  if (caller?.aborted === true) leave();
  else caller?.addEventListener("abort", leave, { once: true });
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer);
      caller?.removeEventListener("abort", leave);
    },
  };
}

/** Does the work within its time. Work that does not listen to its signal goes on, and nobody hears of its end. */
export async function inTime<Value>(
  milliseconds: number,
  caller: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const { signal, clear } = startDeadline(milliseconds, caller);
  try {
    signal.throwIfAborted();
    return await untilAborted(work(signal), signal);
  } finally {
    clear();
  }
}

function late(): IsthmusError {
  return new IsthmusError(
    "deadline_exceeded",
    "The search did not finish in time. Try again, or narrow it with a filter.",
  );
}
