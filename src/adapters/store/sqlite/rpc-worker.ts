import type { MessagePort } from "node:worker_threads";
import { IsthmusError } from "../../../core/errors.ts";
import { interrupted } from "./interrupt.ts";
import { type Handlers, type Reply, type Request, toShape } from "./rpc.ts";

/**
 * Answers calls from the parent thread, each once, one at a time and in order. Each call waits one turn of the event loop, so that
 * a cancellation that has already arrived is seen before the work it would have spared.
 * @param begin told the number of each call before its handler runs.
 */
export function serve(port: MessagePort, handlers: Handlers, begin: (call: number) => void = () => {}): void {
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
    begin(call.id);
    port.postMessage(answer(handlers, call));
    setImmediate(pump);
  };

  port.on("message", (request: Request) => {
    if (request.kind === "cancel") {
      if (waiting.delete(request.id)) port.postMessage(notBegun(request.id));
      return;
    }
    waiting.set(request.id, request);
    if (!pumping) {
      pumping = true;
      setImmediate(pump);
    }
  });
}

function notBegun(id: number): Reply {
  return { kind: "error", id, error: toShape(interrupted()) };
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
