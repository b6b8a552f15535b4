import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { execPath } from "node:process";
import { test } from "node:test";

const embedder = new URL("./onnx.ts", import.meta.url).href;
const model = new URL("../../../models/all-MiniLM-L6-v2", import.meta.url).pathname;

/** Embeds a text in a worker thread whose program is this; prints the vector's length, or the error's code and message. */
const worker = `(async () => {
  const { createOnnxEmbedder } = await import(${JSON.stringify(embedder)});
  const embedder = await createOnnxEmbedder({ directory: ${JSON.stringify(model)}, workers: 1 });
  const said = await embedder.embed(["a"]).then(
    ([vector]) => vector.length,
    ({ code, message }) => code + ": " + message,
  );
  console.log(said);
  await embedder.close();
})();`;

function inWorker(main: string, environment: Readonly<Record<string, string>> = {}): string {
  const program = `
    const { Worker } = await import("node:worker_threads");
    ${main}
    new Worker(${JSON.stringify(worker)}, { eval: true });`;
  const words = ["--disable-warning=ExperimentalWarning", "-e", program];
  const { stdout, stderr } = spawnSync(execPath, words, { encoding: "utf8", env: environment });
  return stdout.trim() || stderr;
}

test("in a thread with a copy of the environment nothing is loaded that would send telemetry, and what to do is told", () => {
  assert.match(inWorker(""), /^config_invalid: .* Import Isthmus on the main thread .* ORT_DISABLE_TELEMETRY=1\.$/);
});

test("such a thread embeds where Isthmus was imported on the main thread before, or Node was started with the variable", () => {
  const library = new URL("../../index.ts", import.meta.url).href;
  assert.equal(inWorker(`await import(${JSON.stringify(library)});`), "384");
  assert.equal(inWorker("", { ORT_DISABLE_TELEMETRY: "1" }), "384");
});

test("whatever the variable was, it is on after the import", () => {
  const program = `await import(${JSON.stringify(new URL("./onnxruntime.ts", import.meta.url).href)});
    console.log(process.env.ORT_DISABLE_TELEMETRY);`;
  const words = ["--disable-warning=ExperimentalWarning", "-e", program];
  assert.equal(spawnSync(execPath, words, { encoding: "utf8", env: { ORT_DISABLE_TELEMETRY: "0" } }).stdout, "1\n");
});
