// onnxruntime sends telemetry since 1.29 where it is not told otherwise before it starts: the process, its models and their runs,
// with a device id that it keeps under ~/.cache/Microsoft (https://github.com/microsoft/onnxruntime/pull/27379).
import { env } from "node:process";
import { isMainThread } from "node:worker_threads";
import { IsthmusError } from "../../core/errors.ts";

const name = "ORT_DISABLE_TELEMETRY";

// Native code reads the process's own environment. That is `process.env` on the main thread, and in threads that share it; any other
// thread has a copy, which nothing native sees.
if (isMainThread) env[name] = "1";

/**
 * Called before anything of the library runs. In a thread with a copy of the environment the copy tells whether the process had it.
 * @throws `config_invalid` where it had not: nothing that is done now would keep the library quiet.
 */
export function assertTelemetryOff(): void {
  if (env[name] === "1") return;
  throw new IsthmusError(
    "config_invalid",
    `In this worker thread onnxruntime cannot be kept from sending telemetry any more. Import Isthmus on the main thread before the worker starts, or start Node with ${name}=1.`,
  );
}
