import assert from "node:assert/strict";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeTinyModel, writeTinyModel } from "../../../test/support/tiny-model.ts";
import { bundledModelDirectory } from "../model/bundled.ts";
import { embedderContract } from "./embedder.contract.ts";
import { createOnnxEmbedder } from "./onnx.ts";
import { createDirectOnnxEmbedder } from "./onnx-direct.ts";

embedderContract(
  "the bundled model on the calling thread",
  async () => ({ embedder: await createDirectOnnxEmbedder(bundledModelDirectory()), close: async () => {} }),
  { cases: 8 },
);

embedderContract("a tiny model on the calling thread", async () => {
  const directory = await mkdtemp(join(tmpdir(), "isthmus-tiny-"));
  await writeTinyModel(directory, makeTinyModel());
  return {
    embedder: await createDirectOnnxEmbedder(directory),
    close: () => rm(directory, { recursive: true }),
  };
});

test("it is the same model with the same vectors as in worker threads, bit for bit", async () => {
  const direct = await createDirectOnnxEmbedder(bundledModelDirectory());
  const threaded = await createOnnxEmbedder({ directory: bundledModelDirectory(), workers: 1 });
  try {
    assert.deepEqual(direct.identity, threaded.identity);
    for (const text of ["How do I rotate the API key?", "", "flow ".repeat(400), "ΑΣ 👩‍👩‍👧‍👦"]) {
      assert.deepEqual(await direct.embed([text]), await threaded.embed([text]));
    }
  } finally {
    await Promise.all([direct.close(), threaded.close()]);
  }
});

test("a damaged model is found before it is used, and one that is none is refused", async () => {
  const directory = await mkdtemp(join(tmpdir(), "isthmus-bad-"));
  try {
    await cp(bundledModelDirectory(), directory, { recursive: true });
    await writeFile(join(directory, "tokenizer.json"), "{}");
    const damaged = await createDirectOnnxEmbedder(directory);
    await assert.rejects(damaged.load(), { code: "model_damaged", message: /tokenizer\.json/ });
    const tiny = makeTinyModel();
    const files = new Map([...tiny.files, ["onnx/model.onnx", Buffer.from("no graph at all")] as const]);
    await rm(directory, { recursive: true });
    await writeTinyModel(directory, { ...tiny, files });
    const none = await createDirectOnnxEmbedder(directory);
    await assert.rejects(none.embed(["a"]), { code: "model_unsupported" });
  } finally {
    await rm(directory, { recursive: true });
  }
});
