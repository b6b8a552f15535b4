import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { message, varint } from "./protobuf.ts";

/** A complete sentence-transformers ONNX model of a few kilobytes: each word has a fixed vector, nothing attends to anything. */
export interface TinyModel {
  /** Relative path -> content, as a repository on the hub has them. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly vocabulary: readonly string[];
  /** Row after row, one for each word of the vocabulary. */
  readonly table: Float32Array;
  readonly dimensions: number;
}

export interface TinyModelOptions {
  readonly pooling?: "mean" | "cls" | "max";
  /** `sentence_embedding`: the graph pools by itself. Default `last_hidden_state`. */
  readonly output?: "last_hidden_state" | "sentence_embedding";
  readonly maxTokens?: number;
  /** What config.json says of it; null: nothing. Default the true one. */
  readonly hiddenSize?: number | null;
  /** More modules in modules.json than the usual three. */
  readonly furtherModules?: readonly string[];
  readonly inputs?: readonly string[];
  /** As BERT has it (default), or as XLM-RoBERTa has it: one vocabulary of sentence pieces for all languages. */
  readonly tokenizer?: "wordpiece" | "unigram";
  /** Where the graph lies. Default `onnx/model.onnx`. */
  readonly onnxFile?: string;
}

const WORDS =
  "[PAD] [UNK] [CLS] [SEP] [MASK] the a cat dog sat on mat ate mouse ship rocket engine orbit reached wing ##s ##ing . , ?";
const DIMENSIONS = 16;
const FLOAT = 1;
const INT64 = 7;

export function makeTinyModel(options: TinyModelOptions = {}): TinyModel {
  const vocabulary = WORDS.split(" ");
  const table = Float32Array.from({ length: vocabulary.length * DIMENSIONS }, (_, index) => pseudoRandom(index));
  const {
    pooling = "mean",
    maxTokens = 12,
    hiddenSize = DIMENSIONS,
    furtherModules = [],
    onnxFile = "onnx/model.onnx",
  } = options;
  const json = (value: unknown) => Buffer.from(JSON.stringify(value, undefined, 1));
  const modules = ["Transformer", "Pooling", "Normalize", ...furtherModules];
  const files = new Map([
    [onnxFile, graph(vocabulary.length, table, options)],
    ["tokenizer.json", json(options.tokenizer === "unigram" ? unigram(vocabulary) : tokenizer(vocabulary))],
    ["tokenizer_config.json", json({ tokenizer_class: "BertTokenizer", do_lower_case: true, model_max_length: 512 })],
    ["config.json", json({ ...(hiddenSize !== null && { hidden_size: hiddenSize }), max_position_embeddings: 512 })],
    ["sentence_bert_config.json", json({ max_seq_length: maxTokens })],
    ["modules.json", json(modules.map((name, idx) => ({ idx, type: `sentence_transformers.models.${name}` })))],
    ["1_Pooling/config.json", json(poolingConfig(pooling))],
  ]);
  return { files, vocabulary, table, dimensions: DIMENSIONS };
}

/** Lays the model out in a folder, with its SHA256SUMS. */
export async function writeTinyModel(directory: string, model: TinyModel = makeTinyModel()): Promise<void> {
  const sums: string[] = [];
  for (const [path, content] of model.files) {
    const target = join(directory, ...path.split("/"));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
    sums.push(`${createHash("sha256").update(content).digest("hex")}  ${path}\n`);
  }
  await writeFile(join(directory, "SHA256SUMS"), sums.join(""));
}

function poolingConfig(pooling: string): object {
  const name = { mean: "mean_tokens", cls: "cls_token", max: "max_tokens" }[pooling];
  return { word_embedding_dimension: DIMENSIONS, pooling_mode_mean_tokens: false, [`pooling_mode_${name}`]: true };
}

/** Uniform in [-1, 1), the same on every machine. */
function pseudoRandom(index: number): number {
  const mixed = Math.imul(index + 1, 0x9e3779b1) >>> 0;
  return Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) / 2 ** 31;
}

/** `Gather(table, input_ids)`, averaged in the graph where the output is `sentence_embedding`. */
function graph(words: number, table: Float32Array, options: TinyModelOptions): Buffer {
  const { output = "last_hidden_state", inputs = ["input_ids", "attention_mask"] } = options;
  const pooled = output === "sentence_embedding";
  const rows = pooled ? "rows" : output;
  const nodes = [node("Gather", ["table", "input_ids"], rows)];
  if (pooled) nodes.push(node("ReduceMean", [rows], output, integers("axes", [1]), integer("keepdims", 0)));
  const tensor = message(
    5,
    varint(1, words),
    varint(1, DIMENSIONS),
    varint(2, FLOAT),
    message(8, "table"),
    message(9, Buffer.from(table.buffer)),
  );
  const shape = pooled ? ["batch", DIMENSIONS] : ["batch", "sequence", DIMENSIONS];
  const body = [
    ...nodes,
    message(2, "tiny"),
    tensor,
    ...inputs.map((name) => message(11, ...valueInfo(name, INT64, ["batch", "sequence"]))),
    message(12, ...valueInfo(output, FLOAT, shape)),
  ];
  return Buffer.concat([varint(1, 8), message(7, ...body), message(8, message(1, ""), varint(2, 17))]);
}

function node(operator: string, inputs: readonly string[], output: string, ...attributes: readonly Buffer[]): Buffer {
  return message(1, ...inputs.map((name) => message(1, name)), message(2, output), message(4, operator), ...attributes);
}

function integers(name: string, values: readonly number[]): Buffer {
  return message(5, message(1, name), ...values.map((value) => varint(8, value)), varint(20, 7));
}

function integer(name: string, value: number): Buffer {
  return message(5, message(1, name), varint(3, value), varint(20, 2));
}

function valueInfo(name: string, type: number, shape: readonly (string | number)[]): Buffer[] {
  const dimensions = shape.map((size) => message(1, typeof size === "number" ? varint(1, size) : message(2, size)));
  return [message(1, name), message(2, message(1, varint(1, type), message(2, ...dimensions)))];
}

/** The same words as sentence pieces, between `<s>` and `</s>`. */
function unigram(vocabulary: readonly string[]): object {
  const special = { "[PAD]": "<pad>", "[UNK]": "<unk>", "[CLS]": "<s>", "[SEP]": "</s>", "[MASK]": "<mask>" };
  const pieces = vocabulary.map((word) => special[word as keyof typeof special] ?? `▁${word}`);
  const id = (piece: string) => pieces.indexOf(piece);
  return {
    version: "1.0",
    added_tokens: Object.values(special).map((content) => ({
      id: id(content),
      content,
      special: true,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
    normalizer: { type: "Sequence", normalizers: [{ type: "NFKC" }, { type: "Lowercase" }] },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [{ type: "WhitespaceSplit" }, { type: "Metaspace", replacement: "▁", add_prefix_space: true }],
    },
    post_processor: {
      type: "TemplateProcessing",
      single: [
        { SpecialToken: { id: "<s>", type_id: 0 } },
        { Sequence: { id: "A", type_id: 0 } },
        { SpecialToken: { id: "</s>", type_id: 0 } },
      ],
      pair: [],
      special_tokens: {
        "<s>": { id: "<s>", ids: [id("<s>")], tokens: ["<s>"] },
        "</s>": { id: "</s>", ids: [id("</s>")], tokens: ["</s>"] },
      },
    },
    decoder: { type: "Metaspace", replacement: "▁", add_prefix_space: true },
    model: { type: "Unigram", unk_id: id("<unk>"), vocab: pieces.map((piece, at) => [piece, at < 5 ? 0 : -at]) },
  };
}

/** Asks for truncation and padding, as published files do: an embedder must not obey. */
function tokenizer(vocabulary: readonly string[]): object {
  const special = (token: string) => vocabulary.indexOf(token);
  return {
    version: "1.0",
    truncation: { max_length: 4, strategy: "LongestFirst", stride: 0 },
    padding: { strategy: { Fixed: 8 }, direction: "Right", pad_id: 0, pad_type_id: 0, pad_token: "[PAD]" },
    added_tokens: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map((content) => ({
      id: special(content),
      content,
      special: true,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [
        { SpecialToken: { id: "[CLS]", type_id: 0 } },
        { Sequence: { id: "A", type_id: 0 } },
        { SpecialToken: { id: "[SEP]", type_id: 0 } },
      ],
      pair: [],
      special_tokens: {
        "[CLS]": { id: "[CLS]", ids: [special("[CLS]")], tokens: ["[CLS]"] },
        "[SEP]": { id: "[SEP]", ids: [special("[SEP]")], tokens: ["[SEP]"] },
      },
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
    },
  };
}
