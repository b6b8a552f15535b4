import { untilAborted } from "../core/retry.ts";
import type { RouteServices } from "./dependencies.ts";
import type { SearchEngine } from "./engine.ts";
import { problemOf } from "./failures.ts";
import type { OrProblem } from "./problem.ts";

/**
 * Runs one unit of work on the engine, in its turn and within the signal. The turn ends when the work has really
 * settled, not when its client was answered: work that does not stop at once must still count.
 */
export async function runWork<Value>(
  services: RouteServices,
  signal: AbortSignal,
  work: (engine: SearchEngine) => Promise<Value>,
): Promise<OrProblem<Value>> {
  let leave: (() => void) | undefined;
  try {
    leave = await services.limiter.enter(signal);
    if (leave === undefined) {
      const sentence = "The server is busy and its queue is full. Try again in a moment.";
      return { problem: { code: "too_many_requests", sentence, retryAfterSeconds: 1 } };
    }
    const started = await untilAborted(services.engine(), signal);
    if ("problem" in started) return started;
    // It may have fired since; work that only listens for it would never hear of it.
    signal.throwIfAborted();
    const running = work(started.value).finally(leave);
    leave = undefined;
    return { value: await untilAborted(running, signal) };
  } catch (error) {
    return { problem: problemOf(signal.aborted ? signal.reason : error) };
  } finally {
    leave?.();
  }
}
