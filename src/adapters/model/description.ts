import { basename } from "node:path";
import { IsthmusError, present } from "../../core/errors.ts";
import type { TextPrefixes } from "../../core/ports.ts";
import { record } from "../../core/record.ts";
import { BUNDLED_MODEL, isBundledModel } from "./bundled.ts";
import { sha256 } from "./checksums.ts";
import type { ModelFolder } from "./folder.ts";

/** Written beside a fetched model: which one of the hub it is. */
export const MODEL_CARD = "isthmus-model.json";

/** Which ONNX files a model folder may hold, the preferred first. */
export const ONNX_FILES: readonly string[] = [
  "onnx/model.onnx",
  "model.onnx",
  "onnx/model_quantized.onnx",
  "model_quantized.onnx",
];

/** What the configuration files of a sentence-transformers model say about running it. */
export interface ModelDescription {
  /** `org/name`, or the folder's own name for a model that was put there by hand. */
  readonly name: string;
  readonly onnxFile: string;
  /** How token vectors become one: `mean`, `cls` (the first token), or another mode that only a graph can perform. */
  readonly pooling: string;
  /** Longest input, special tokens counted. */
  readonly maxTokens: number;
  /** Length of its vectors, where the files say it; else only the graph knows. */
  readonly dimensions: number | undefined;
  /** Steps after pooling that this program does not perform (a Dense layer); the graph must contain them. */
  readonly furtherModules: readonly string[];
  /** What stands before a question and before a passage; undefined where nothing does. */
  readonly prefixes: TextPrefixes | undefined;
  /** Names what a vector depends on: the graph's digest, and the prefixes where there are any. */
  readonly revision: string;
}

/** @throws `model_missing`, `model_damaged`, `model_unsupported` */
export async function describeModel(folder: ModelFolder): Promise<ModelDescription> {
  const [card, model, sentence, pooling, modules, tokenizer, prompts] = await Promise.all(
    [
      MODEL_CARD,
      "config.json",
      "sentence_bert_config.json",
      "1_Pooling/config.json",
      "modules.json",
      "tokenizer_config.json",
      PROMPTS_FILE,
    ].map((file) => readJson(folder, file)),
  );
  const furtherModules = Array.isArray(modules) ? modules.map(moduleName).filter((name) => !OWN_MODULES.has(name)) : [];
  const own: Record<string, unknown> = isBundledModel(folder.directory) ? BUNDLED_MODEL : record(card);
  const name = typeof own["name"] === "string" ? own["name"] : basename(folder.directory);
  const onnxFile = findOnnxFile(folder);
  const prefixes = prefixesOf(own["prefixes"], record(prompts)["prompts"], [name, record(model)["_name_or_path"]]);
  const digest = present(folder.checksums.get(onnxFile), `the checksum of ${onnxFile}`);
  return {
    name,
    onnxFile,
    prefixes,
    revision: (prefixes === undefined ? digest : sha256(Buffer.from(JSON.stringify([digest, prefixes])))).slice(0, 16),
    pooling: modesOf(record(pooling)).join(" and "),
    maxTokens: smallest(
      own["maxTokens"],
      record(sentence)["max_seq_length"] ?? record(tokenizer)["model_max_length"],
      record(model)["max_position_embeddings"],
      DEFAULT_MAX_TOKENS,
    ),
    dimensions: dimensionsOf(record(model)["hidden_size"], modesOf(record(pooling)), furtherModules),
    furtherModules,
  };
}

/** What newer models say of themselves: `{ "prompts": { "query": "query: ", "passage": "passage: " } }`. */
export const PROMPTS_FILE = "config_sentence_transformers.json";
/** Models of this family were trained with these and do not say so in any file. */
const E5 = /(?:^|[/_-])e5(?:[/_-]|$)/i;
const E5_PREFIXES: TextPrefixes = { question: "query: ", passage: "passage: " };

/** @param chosen by whoever added the model; says the last word, also where it says that there are none. */
function prefixesOf(chosen: unknown, prompts: unknown, names: readonly unknown[]): TextPrefixes | undefined {
  const said = chosen === undefined ? record(prompts) : record(chosen);
  const text = (...keys: readonly string[]): string => {
    const found = keys.map((key) => said[key]).find((value) => typeof value === "string");
    return typeof found === "string" ? found : "";
  };
  const prefixes = { question: text("question", "query"), passage: text("passage", "document", "corpus") };
  if (prefixes.question !== "" || prefixes.passage !== "") return prefixes;
  const isE5 = names.some((name) => typeof name === "string" && E5.test(name) && !/instruct/i.test(name));
  return chosen === undefined && isE5 ? E5_PREFIXES : undefined;
}

/** Where no file says more: BERT's positions. Longer inputs cost time by their square, and chunks are short. */
const DEFAULT_MAX_TOKENS = 512;

const OWN_MODULES = new Set(["Transformer", "Pooling", "Normalize"]);

function moduleName(module: unknown): string {
  return String(record(module)["type"]).split(".").at(-1) ?? "";
}

function findOnnxFile(folder: ModelFolder): string {
  const found =
    ONNX_FILES.find((file) => folder.has(file)) ?? [...folder.checksums.keys()].find((file) => file.endsWith(".onnx"));
  if (found === undefined) {
    throw new IsthmusError("model_missing", `No ONNX file is listed in ${folder.directory}. Fetch the model again.`);
  }
  return found;
}

/** Old configurations have a flag for each mode, newer ones a name in `pooling_mode`. */
function modesOf(config: Record<string, unknown>): string[] {
  const flags = Object.keys(config).filter((key) => key.startsWith("pooling_mode_") && config[key] === true);
  const named = typeof config["pooling_mode"] === "string" ? [config["pooling_mode"]] : flags;
  const modes = named.map((name) => name.replace(/^pooling_mode_/, "").replace(/_tokens?$/, ""));
  return modes.length === 0 ? ["mean"] : modes;
}

/** Pooling by one mode keeps the hidden size; several are laid end to end, and a further layer may give any length. */
function dimensionsOf(
  hiddenSize: unknown,
  modes: readonly string[],
  furtherModules: readonly string[],
): number | undefined {
  const plain = modes.length === 1 && furtherModules.length === 0;
  return plain && Number.isSafeInteger(hiddenSize) && Number(hiddenSize) > 0 ? Number(hiddenSize) : undefined;
}

async function readJson(folder: ModelFolder, file: string): Promise<unknown> {
  if (!folder.has(file)) return undefined;
  const text = new TextDecoder().decode(await folder.read(file));
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new IsthmusError("model_unsupported", `${file} of the model in ${folder.directory} is not JSON.`, { cause });
  }
}

/** Tokenizers without a limit say 1e30, which is no length. */
function smallest(...values: readonly unknown[]): number {
  return Math.min(...values.filter((value) => Number.isSafeInteger(value) && Number(value) > 0).map(Number));
}
