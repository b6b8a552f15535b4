import type { Context } from "hono";
import { type Deadline, startDeadline } from "../core/deadline.ts";
import { IsthmusError } from "../core/errors.ts";
import type { RequestScope } from "./dependencies.ts";

/**
 * The deadline of a request: the app's own, or what the platform leaves it if that is less. It fires with `cancelled` when the
 * client goes away.
 */
export function startRequestDeadline(context: Context<RequestScope>, milliseconds: number): Deadline {
  // Without bindings Hono leaves `env` undefined, whatever its types say.
  const remaining = (context.env as RequestScope["Bindings"] | undefined)?.remainingMs ?? milliseconds;
  return startDeadline(Math.max(0, Math.min(milliseconds, remaining)), connectionOf(context.req.raw.signal));
}

/** The client's signal, with a reason of ours. */
function connectionOf(client: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const leave = () => controller.abort(new IsthmusError("cancelled", "The client closed the connection."));
  if (client.aborted) leave();
  else client.addEventListener("abort", leave, { once: true });
  return controller.signal;
}
