import type { MessagePort } from "node:worker_threads";
import { IsthmusError } from "../../../core/errors.ts";
import { type Handlers, type Reply, type Request, toShape } from "./rpc.ts";

/**
 * Answers calls from the parent thread, one at a time and in order. Each call waits one turn of the event loop, so that
 * a cancellation that has already arrived is seen before the work it would have spared.
 */
export function serve(port: MessagePort, handlers: Handlers): void {
  const waiting = new Map<number, Request & { kind: "call" }>();
  let pumping = false;

  const pump = (): void => {
    const next = waiting.values().next();
    if (next.done) {
      pumping = false;
      return;
    }
    const call = next.value;
    waiting.delete(call.id);
    port.postMessage(answer(handlers, call));
    setImmediate(pump);
  };

  port.on("message", (request: Request) => {
    if (request.kind === "cancel") {
      waiting.delete(request.id);
      return;
    }
    waiting.set(request.id, request);
    if (!pumping) {
      pumping = true;
      setImmediate(pump);
    }
  });
}

function answer(handlers: Handlers, call: Request & { kind: "call" }): Reply {
  try {
    const handler = handlers[call.method];
    if (handler === undefined) throw new IsthmusError("internal", `The store's worker has no method ${call.method}.`);
    return { kind: "value", id: call.id, value: handler(...(call.parameters as never[])) };
  } catch (thrown) {
    return { kind: "error", id: call.id, error: toShape(thrown) };
  }
}
