import { parentPort, workerData } from "node:worker_threads";
import { IsthmusError } from "../../core/errors.ts";
import type { Reply, Request } from "./onnx-messages.ts";
import { createSession, type EmbeddingSession } from "./onnx-session.ts";
import { openGate, throughGate } from "./run-gate.ts";

// The thread that owns one session. `session.run` blocks its thread although it returns a promise (docs/traps.md: a run takes
// place inside `setImmediate`), which is why it has one of its own.
const port = parentPort;
if (port === null) throw new Error("onnx-worker.ts runs as a worker thread only.");

const gate = workerData as Int32Array;
let session: EmbeddingSession | undefined;

function reply(message: Reply, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

async function load(request: Extract<Request, { kind: "load" }>): Promise<void> {
  try {
    session = await createSession(request.model, request.settings);
    // The first run allocates and shows how long vectors are: neither should be left to the first text.
    const { length } = await session.run([0, 0]);
    reply({ kind: "loaded", dimensions: length });
  } catch (thrown) {
    const code = thrown instanceof IsthmusError ? thrown.code : "model_unsupported";
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    reply({ kind: "unloadable", code, message });
  }
}

async function embed(request: Extract<Request, { kind: "embed" }>): Promise<void> {
  try {
    if (session === undefined) throw new Error("No model is loaded.");
    const vector = await session.run(request.ids);
    reply({ kind: "vector", job: request.job, vector }, [vector.buffer]);
  } catch (thrown) {
    reply({ kind: "failed", job: request.job, message: thrown instanceof Error ? thrown.message : String(thrown) });
  }
}

// One after the other: two runs at once would only take turns on the same thread.
let last: Promise<void> = Promise.resolve();
port.on("message", (request: Request) => {
  last = last.then(() => throughGate(gate, () => (request.kind === "load" ? load(request) : embed(request))));
});
// The native library is loaded, and nothing runs yet.
openGate(gate);
