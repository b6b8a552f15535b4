import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sessionOptions } from "./onnx-session.ts";
import { ort } from "./onnxruntime.ts";

const model = join(import.meta.dirname, "../../../models/all-MiniLM-L6-v2/model_int8.onnx");

test("the library does not fuse the normalisations of the shipped graph again, and fuses the rest", async () => {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-session-"));
  try {
    const optimized = join(folder, "optimized.onnx");
    const session = await ort.InferenceSession.create(await readFile(model), {
      ...sessionOptions,
      optimizedModelFilePath: optimized,
    });
    await session.release();
    // The names of operators stand in the file as they are.
    const graph = (await readFile(optimized)).toString("latin1");
    const operators = ["SkipLayerNormalization", "QAttention", "DynamicQuantizeMatMul"];
    assert.deepEqual(
      operators.filter((operator) => graph.includes(operator)),
      ["QAttention", "DynamicQuantizeMatMul"],
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
