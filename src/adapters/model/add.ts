import { constants } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { IsthmusError, present } from "../../core/errors.ts";
import type { TextPrefixes } from "../../core/ports.ts";
import { CHECKSUM_FILE, formatChecksums, sha256, sha256OfFile } from "./checksums.ts";
import { MODEL_CARD, ONNX_FILES, PROMPTS_FILE } from "./description.ts";

/** The organisation, in `org/name`, of models that somebody added from a folder: no hub is asked for them. */
export const LOCAL = "local";

const NEEDED = ["tokenizer.json", "config.json"] as const;
const OPTIONAL = [
  "tokenizer_config.json",
  "special_tokens_map.json",
  "sentence_bert_config.json",
  "1_Pooling/config.json",
  "modules.json",
  PROMPTS_FILE,
] as const;
/** A graph of its own, beside the ones that are published under these names. */
const QUANTISED = ["onnx/model_int8.onnx", "model_int8.onnx", "onnx/model_qint8_avx512_vnni.onnx"];

export interface StageModelOptions {
  /** The folder as sentence-transformers or a hub lays it out. */
  readonly from: string;
  /** A folder that does not exist yet; the model is copied there. */
  readonly to: string;
  /** What the model is called from now on: `local/name`. */
  readonly name: string;
  /** The graph, relative to the folder; by default the first that is known of. */
  readonly onnxFile?: string;
  /** Over what the model's own files say. */
  readonly prefixes?: TextPrefixes;
  readonly signal?: AbortSignal;
}

/**
 * Copies what a model needs out of a folder, with a card that says its name and a checksum for each file.
 *
 * @returns 40 hex digits that name exactly these files.
 * @throws `model_missing` naming every file that is lacking, `model_unsupported` for a graph with its weights in other files.
 */
export async function stageModel(options: StageModelOptions): Promise<string> {
  const { from, to, name, prefixes, signal } = options;
  const onnxFile = options.onnxFile ?? (await findGraph(from));
  await assertWhole(from, onnxFile);
  const there = await Promise.all(OPTIONAL.map((file) => exists(join(from, file))));
  const files = [...NEEDED, ...OPTIONAL.filter((_, at) => there[at]), present(onnxFile, "the graph of a whole model")];
  const checksums = new Map<string, string>();
  for (const file of files) {
    signal?.throwIfAborted();
    const target = join(to, file);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(join(from, file), target, constants.COPYFILE_FICLONE);
    checksums.set(file, await sha256OfFile(target, signal));
  }
  const card = Buffer.from(`${JSON.stringify({ name, ...(prefixes && { prefixes }) })}\n`);
  await writeFile(join(to, MODEL_CARD), card);
  checksums.set(MODEL_CARD, sha256(card));
  const sums = formatChecksums(checksums);
  await writeFile(join(to, CHECKSUM_FILE), sums);
  return sha256(Buffer.from(sums)).slice(0, 40);
}

async function findGraph(folder: string): Promise<string | undefined> {
  for (const file of [...ONNX_FILES, ...QUANTISED]) if (await exists(join(folder, file))) return file;
  for (const place of ["onnx", ""]) {
    const names = await readdir(join(folder, place)).catch((): string[] => []);
    const graphs = names.filter((name) => name.endsWith(".onnx"));
    if (graphs.length > 1) {
      const list = graphs.sort().map((graph) => (place === "" ? graph : `${place}/${graph}`));
      throw new IsthmusError(
        "model_unsupported",
        `${folder} has several graphs (${list.join(", ")}); name one with --onnx.`,
      );
    }
    if (graphs[0] !== undefined) return place === "" ? graphs[0] : `${place}/${graphs[0]}`;
  }
  return undefined;
}

async function assertWhole(folder: string, onnxFile: string | undefined): Promise<void> {
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new IsthmusError("model_missing", `There is no folder ${folder}. Name the folder of a model.`);
  const lacking: string[] = [];
  if (onnxFile === undefined) lacking.push("a graph (onnx/model.onnx, onnx/model_quantized.onnx or another .onnx)");
  else if (!(await exists(join(folder, onnxFile)))) lacking.push(onnxFile);
  for (const file of NEEDED) if (!(await exists(join(folder, file)))) lacking.push(file);
  if (lacking.length > 0) {
    throw new IsthmusError(
      "model_missing",
      `${folder} lacks ${lacking.join(", ")}. A model is a folder as sentence-transformers writes it, with its ONNX export: docs/languages.md says how to make one.`,
    );
  }
  for (const suffix of ["_data", ".data"]) {
    if (onnxFile !== undefined && (await exists(join(folder, `${onnxFile}${suffix}`)))) {
      throw new IsthmusError(
        "model_unsupported",
        `${onnxFile} keeps its weights in a second file (${onnxFile}${suffix}), which is not read. Take an export in one file, for example a quantised one.`,
      );
    }
  }
  for (const file of NEEDED) {
    try {
      JSON.parse(await readFile(join(folder, file), "utf8"));
    } catch (cause) {
      throw new IsthmusError("model_unsupported", `${file} in ${folder} is not JSON.`, { cause });
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** Away with a copy that is not wanted after all. */
export async function discardModel(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
