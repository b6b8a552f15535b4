import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execPath } from "node:process";
import { BUNDLED_MODEL, bundledModelDirectory } from "../src/adapters/model/bundled.ts";
import { type EncoderPeer, encoderPeer } from "./encoder-peer.ts";
import { prepareNodePackages } from "./node-packages.ts";
import { startPeerProcess } from "./peer-process.ts";
import type { Progress } from "./progress.ts";

const program = join(import.meta.dirname, "node", "peer.ts");

/** `@huggingface/transformers` in a Node of its own, on the int8 model that ships. */
export async function startTransformersJs(threads: number, scratch: string, progress: Progress): Promise<EncoderPeer> {
  const packages = await prepareNodePackages(progress);
  progress.tell("starting @huggingface/transformers");
  const models = join(scratch, "models");
  await layOutModel(join(models, "all-MiniLM-L6-v2"));
  const parameters = [program, packages, models, String(threads)];
  return encoderPeer(await startPeerProcess("@huggingface/transformers", execPath, parameters, {}));
}

/** The model that ships as that library wants a folder to be; it truncates where `tokenizer_config.json` says. */
async function layOutModel(folder: string): Promise<void> {
  const source = bundledModelDirectory();
  await mkdir(join(folder, "onnx"), { recursive: true });
  for (const name of (await readdir(source)).filter((file) => file.endsWith(".json"))) {
    await copyFile(join(source, name), join(folder, name));
  }
  await copyFile(join(source, "model_int8.onnx"), join(folder, "onnx", "model_int8.onnx"));
  const configuration = join(folder, "tokenizer_config.json");
  const settings: unknown = JSON.parse(await readFile(configuration, "utf8"));
  await writeFile(configuration, JSON.stringify({ ...Object(settings), model_max_length: BUNDLED_MODEL.maxTokens }));
}
