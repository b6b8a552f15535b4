import { join } from "node:path";
import { bundledModelDirectory } from "../src/adapters/model/bundled.ts";
import { type EncoderPeer, encoderPeer, type Spent, spent } from "./encoder-peer.ts";
import { startPeerProcess } from "./peer-process.ts";
import type { Progress } from "./progress.ts";
import { prepareOnnxPackages, preparePython } from "./python-environment.ts";

const program = join(import.meta.dirname, "python", "peer.py");

/** What computes: torch and the fp32 model, OpenVINO and the same, or ONNX Runtime and the int8 model that ships. */
export type PythonBackend = "torch" | "onnx" | "openvino";

/** A Weaviate on this machine, and the collection to make there. */
export interface PrototypeTarget {
  readonly http: number;
  readonly grpc: number;
  readonly key: string;
  readonly collection: string;
}

/** A Python library in a process of its own, its model loaded, waiting for its turn. */
export interface PythonPeer extends EncoderPeer {
  /** The first `limit` texts, one call each. */
  encodeEach(limit: number): Promise<Spent>;
  /** The prototype's whole way: the first `limit` texts, one call each, into a collection of its own in batches of 100. */
  ingest(limit: number, server: PrototypeTarget): Promise<Spent>;
}

export async function startPythonPeer(
  threads: number,
  progress: Progress,
  backend: PythonBackend = "torch",
): Promise<PythonPeer> {
  const python = await preparePython(progress);
  const overlay = backend === "onnx" ? await prepareOnnxPackages(python, progress) : undefined;
  progress.tell(`starting Python with ${backend}`);
  const graph = join(bundledModelDirectory(), "model_int8.onnx");
  const child = await startPeerProcess("The Python side", python, [program, String(threads), backend, graph], {
    ...pythonEnvironment(threads),
    ...(overlay !== undefined && { PYTHONPATH: overlay }),
  });
  return {
    ...encoderPeer(child),
    encodeEach: (limit) => spent(child, { op: "encode_each", limit }),
    ingest: (limit, server) => spent(child, { op: "ingest", limit, server }),
  };
}

/** As many threads as cores are measured on, whoever starts them; and no `__pycache__` in the working tree. */
export function pythonEnvironment(threads: number): Record<string, string> {
  return { RAYON_NUM_THREADS: String(threads), LANCE_CPU_THREADS: String(threads), PYTHONDONTWRITEBYTECODE: "1" };
}
