import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { createOnnxEmbedder } from "../../src/adapters/embedder/onnx.ts";
import { deskFor, root } from "../support/cli.ts";
import { makeTinyModel, type TinyModelOptions } from "../support/tiny-model.ts";

interface Known {
  readonly spec: string | null;
  readonly dimensions: number;
  readonly revision: string;
  readonly directory: string;
  readonly prefixes: { readonly question: string; readonly passage: string } | null;
  readonly check: readonly { readonly language: string; readonly first: number }[] | null;
  readonly in_use?: boolean;
}

/** No hub is to be asked. */
const offline = { ISTHMUS_HUB_URL: "http://127.0.0.1:9" };

function deskWith(context: TestContext, environment: Record<string, string> = {}) {
  const desk = deskFor(context, { ...offline, ...environment });
  return {
    ...desk,
    async models(): Promise<readonly Known[]> {
      return (await desk.run("model", "list", "--json")).json<{ models: readonly Known[] }>().models;
    },
    /** Lays a tiny model out in a folder, as a hub has it. */
    tiny(name: string, options: TinyModelOptions = {}): string {
      const folder = join(desk.folder, name);
      for (const [path, content] of makeTinyModel(options).files) put(folder, path, content);
      return folder;
    },
  };
}

function put(folder: string, path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** The model that ships, laid out as multilingual-e5-small is on the hub. */
async function layout(folder: string): Promise<string> {
  const shipped = join(root, "models/all-MiniLM-L6-v2");
  for (const file of ["config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"]) {
    await cp(join(shipped, file), join(folder, file));
  }
  await cp(join(shipped, "model_int8.onnx"), join(folder, "onnx/model_quantized.onnx"));
  const modules = ["Transformer", "Pooling", "Normalize"];
  put(
    folder,
    "modules.json",
    JSON.stringify(modules.map((name) => ({ type: `sentence_transformers.models.${name}` }))),
  );
  put(folder, "1_Pooling/config.json", '{"word_embedding_dimension":384,"pooling_mode_mean_tokens":true}');
  put(folder, "sentence_bert_config.json", '{"max_seq_length":256,"do_lower_case":false}');
  put(folder, "README.md", "# A model");
  return folder;
}

test("a model from a folder is copied, checked, listed, and used without a network", async (context) => {
  const { run, folder, models, environment, write } = deskWith(context);
  const from = await layout(join(folder, "my-e5-small"));
  const added = await run("model", "add", from);
  assert.equal(added.code, 0, added.stderr);
  assert.match(added.stdout, /answers first: en 100 %, de \d+ %/);
  const [shipped, mine] = await models();
  assert.deepEqual([shipped?.spec, shipped?.in_use], [null, true]);
  assert.deepEqual([mine?.spec, mine?.dimensions, mine?.in_use], ["local/my-e5-small@main", 384, false]);
  // The name says which family it is of, and no file says what that family wants.
  assert.deepEqual(mine?.prefixes, { question: "query: ", passage: "passage: " });
  assert.notEqual(mine?.revision, shipped?.revision);
  assert.deepEqual(
    mine?.check?.map(({ language }) => language),
    ["en", "de", "fr", "es", "ru", "ar", "zh", "ja"],
  );
  rmSync(from, { recursive: true });

  const using = deskFor(context, {
    ...offline,
    ISTHMUS_DATA_DIR: String(environment["ISTHMUS_DATA_DIR"]),
    ISTHMUS_MODEL: "local/my-e5-small@main",
  });
  assert.match((await using.run("model", "verify")).stdout, /9 files match their checksums/);
  const documents = dirname(write("a.txt", "The heron eats fish at dawn."));
  assert.equal((await using.run("ingest", documents)).code, 0);
  const found = await using.run("query", "what does the bird catch?", "--mode", "vector");
  assert.match(found.stdout, /The heron eats fish/);
  // The model that ships may not look into this index, though the graph is the same: the texts it saw were not.
  assert.match((await run("query", "bird")).stderr, /my-e5-small/);
  const use = (await using.run("model", "list", "--json")).json<{ models: Known[] }>().models;
  assert.deepEqual(
    use.map(({ in_use }) => in_use),
    [false, true],
  );

  appendFileSync(join(mine?.directory ?? "", "tokenizer.json"), " ");
  assert.match((await using.run("query", "bird")).stderr, /tokenizer\.json is damaged/);
});

test("pooling and prefixes are the model's own, or as they are given", async (context) => {
  const { run, tiny, models } = deskWith(context);
  const prompts = { prompts: { query: "the ", document: "a " } };
  for (const [name, pooling] of [
    ["mean", "mean"],
    ["cls", "cls"],
  ] as const) {
    const from = tiny(name, { pooling, tokenizer: "unigram", onnxFile: "onnx/model_quantized.onnx" });
    put(from, "config_sentence_transformers.json", JSON.stringify(prompts));
    const added = await run("model", "add", from, "--accept");
    assert.equal(added.code, 0, added.stderr);
  }
  const bare = await run("model", "add", tiny("other"), "--accept", "--name", "bare", "--query-prefix", "dog ");
  assert.equal(bare.code, 0, bare.stderr);
  const known = new Map((await models()).map((model) => [model.spec, model]));
  assert.deepEqual(known.get("local/mean@main")?.prefixes, { question: "the ", passage: "a " });
  assert.deepEqual(known.get("local/bare@main")?.prefixes, { question: "dog ", passage: "" });

  // <s> cat sat </s>: by its pieces, and their mean or the first of them.
  const { table, vocabulary, dimensions } = makeTinyModel();
  const row = (word: string) => table.subarray(vocabulary.indexOf(word) * dimensions).subarray(0, dimensions);
  const rows = ["[CLS]", "cat", "sat", "[SEP]"].map(row);
  const mean = rows[0]?.map((_, at) => rows.reduce((sum, values) => sum + (values[at] ?? 0), 0) / rows.length);
  for (const [spec, expected] of [
    ["local/mean@main", mean],
    ["local/cls@main", rows[0]],
  ] as const) {
    const embedder = await createOnnxEmbedder({ directory: known.get(spec)?.directory ?? "", workers: 1 });
    const [vector] = await embedder.embed(["Cat sat"]).finally(() => embedder.close());
    const length = Math.hypot(...(expected ?? []));
    const off = Math.max(...(vector ?? []).map((value, at) => Math.abs(value - (expected?.[at] ?? 0) / length)));
    assert.ok(vector?.length === dimensions && off < 1e-6, `${spec}: ${off}`);
  }
});

test("what cannot work is refused with what to do, and leaves nothing behind", async (context) => {
  const { run, tiny, folder, models } = deskWith(context);
  const empty = join(folder, "empty");
  mkdirSync(empty);
  const several = tiny("several", { onnxFile: "onnx/a.onnx" });
  await cp(join(several, "onnx/a.onnx"), join(several, "onnx/b.onnx"));
  const outside = tiny("outside");
  put(outside, "onnx/model.onnx_data", "weights");
  const broken = tiny("broken");
  put(broken, "config.json", "{");
  const noGraph = tiny("no-graph");
  put(noGraph, "onnx/model.onnx", "this is no graph");
  const cases: readonly (readonly [string[], RegExp])[] = [
    [[], /Name the model's folder/],
    [[join(folder, "absent")], /There is no folder/],
    [[empty], /lacks a graph \(.*\), tokenizer\.json, config\.json\. /],
    [[several, "--accept"], /several graphs \(onnx\/a\.onnx, onnx\/b\.onnx\); name one with --onnx/],
    [[several, "--onnx", "onnx/c.onnx"], /lacks onnx\/c\.onnx/],
    [[outside], /weights in a second file/],
    [[broken], /config\.json in .* is not JSON/],
    [[noGraph], /model/i],
    [[tiny("dimensions", { hiddenSize: 8 })], /says that its vectors have 8 dimensions .* its graph gives 16/],
    [[tiny("dense", { furtherModules: ["Dense"] })], /leaves out Dense/],
    [[tiny("max", { pooling: "max" })], /leaves out pooling by max/],
    [[tiny("random")], /finds \d of 8 answers in its best language.*--accept/],
    [[tiny("named"), "--name", "a/b"], /--name/],
  ];
  for (const [words, message] of cases) {
    const refused = await run("model", "add", ...words);
    assert.equal(refused.code, 1, words.join(" "));
    assert.match(refused.stderr, message);
    assert.doesNotMatch(refused.stderr, /\n {4}at /);
  }
  assert.deepEqual(
    (await models()).map(({ spec }) => spec),
    [null],
  );
  const local = join(folder, "data/models/local");
  const left = existsSync(local)
    ? readdirSync(local, { recursive: true }).filter((name) => /adding-/.test(String(name)))
    : [];
  assert.deepEqual(left, []);
  assert.equal((await run("model", "add", several, "--onnx", "onnx/b.onnx", "--accept")).code, 0);
});

test("a model that nobody added is told as that, and no hub is asked for it", async (context) => {
  const { run } = deskWith(context, { ISTHMUS_MODEL: "local/absent@main" });
  const asked = await run("query", "bird");
  assert.equal(asked.code, 1);
  assert.match(asked.stderr, /No model local\/absent@main .*isthmus model add PATH/);
});
