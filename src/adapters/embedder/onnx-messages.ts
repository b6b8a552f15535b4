import type { ErrorCode } from "../../core/errors.ts";
import type { SessionSettings } from "./onnx-session.ts";

/** From the calling thread to a worker. `load` comes first and once. */
export type Request =
  | { readonly kind: "load"; readonly model: Uint8Array; readonly settings: SessionSettings }
  | { readonly kind: "embed"; readonly job: number; readonly ids: readonly number[] };

/** From a worker to the calling thread. */
export type Reply =
  | { readonly kind: "loaded"; readonly dimensions: number }
  | { readonly kind: "unloadable"; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: "vector"; readonly job: number; readonly vector: Float32Array }
  | { readonly kind: "failed"; readonly job: number; readonly message: string };
