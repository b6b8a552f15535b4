import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { makeTinyModel, type TinyModelOptions, writeTinyModel } from "../../../test/support/tiny-model.ts";
import { bundledModelDirectory } from "../model/bundled.ts";
import { embedderContract } from "./embedder.contract.ts";
import { createOnnxEmbedder, type OnnxEmbedder } from "./onnx.ts";
import { normalise } from "./vector.ts";

async function inTemporaryFolder(options?: TinyModelOptions): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "isthmus-tiny-"));
  await writeTinyModel(directory, makeTinyModel(options));
  return directory;
}

embedderContract(
  "the bundled model",
  async () => ({
    embedder: await createOnnxEmbedder({ directory: bundledModelDirectory(), workers: 2 }),
    close: async () => {},
  }),
  { cases: 8 },
);

embedderContract("a tiny model", async () => {
  const directory = await inTemporaryFolder();
  return {
    embedder: await createOnnxEmbedder({ directory, workers: 3 }),
    close: () => rm(directory, { recursive: true }),
  };
});

describe("the bundled model", () => {
  let embedder: OnnxEmbedder;
  before(async () => {
    embedder = await createOnnxEmbedder({ directory: bundledModelDirectory(), workers: 2 });
  });
  after(() => embedder.close());

  const text = "The boundary layer separates from the wing at high angles of attack.";

  test("it says who it is", () => {
    assert.deepEqual(embedder.identity, {
      model: "sentence-transformers/all-MiniLM-L6-v2",
      dimensions: 384,
      revision: "47c4dad319a7c2e8",
    });
    assert.deepEqual(embedder.limits, { maxTokens: 256, maxBatch: 1, maxConcurrency: 4 });
  });

  test("its vectors are those of the published model, up to quantisation", async () => {
    // The first components by sentence-transformers with the published fp32 weights. Pooling by the first token, or a
    // missing normalisation, misses them by far.
    const expected = [-0.01841, 0.09995, -0.0023, 0.01206, 0.03364, -0.00672, 0.04778, 0.00286];
    const [vector] = await embedder.embed([text]);
    for (const [index, component] of expected.entries()) {
      assert.ok(Math.abs((vector?.[index] ?? 9) - component) < 0.015, `component ${index}: ${vector?.[index]}`);
    }
  });

  test("it knows what belongs together", async () => {
    const [query, answer, near, far] = await embedder.embed([
      "When does flow separate from an aerofoil?",
      text,
      "Aircraft wings are tested in wind tunnels.",
      "Whisk the eggs with sugar until pale.",
    ]);
    assert.ok(dot(query, answer) > dot(query, near) + 0.05);
    assert.ok(dot(query, near) > dot(query, far) + 0.1);
  });

  test("a text is read up to 256 tokens, the special tokens counted, and padded nowhere", async () => {
    const words = (count: number) => Array.from({ length: count }, () => "wing").join(" ");
    const countTokens = await embedder.load();
    assert.equal(countTokens(words(254)), 254);
    const [full, longer, shorter] = await embedder.embed([words(254), `${words(254)} orbit`, `${words(253)} orbit`]);
    assert.deepEqual(full, longer);
    assert.notDeepEqual(full, shorter);
  });

  test("every worker takes its share", async () => {
    const texts = Array.from({ length: 12 }, (_, index) => `wing number ${index}`);
    // The second worker starts while texts wait for the first; once it is there, both are given texts in turn.
    while (embedder.answered().length < 2) await embedder.embed(texts);
    const earlier = embedder.answered();
    await embedder.embed(texts);
    for (const [worker, count] of embedder.answered().entries())
      assert.ok(count > (earlier[worker] ?? 0), `worker ${worker}`);
  });
});

describe("a model folder", () => {
  let directory: string | undefined;
  let embedder: OnnxEmbedder | undefined;
  afterEach(async () => {
    await embedder?.close();
    if (directory !== undefined) await rm(directory, { recursive: true });
    embedder = undefined;
    directory = undefined;
  });
  const open = async (options?: TinyModelOptions): Promise<OnnxEmbedder> => {
    directory = await inTemporaryFolder(options);
    embedder = await createOnnxEmbedder({ directory, workers: 1 });
    return embedder;
  };

  /** [CLS] the cat [SEP] */
  const ids = [2, 5, 7, 3];
  const model = makeTinyModel();
  const row = (id: number) => model.table.subarray(id * model.dimensions, (id + 1) * model.dimensions);
  const mean = () =>
    normalise(Float32Array.from(row(0), (_, column) => ids.reduce((sum, id) => sum + (row(id)[column] ?? 0), 0)));

  const poolings: [string, TinyModelOptions, () => Float32Array][] = [
    ["the mean of its tokens", {}, mean],
    ["the first token", { pooling: "cls" }, () => normalise(row(2).slice())],
    ["what the graph pools itself", { output: "sentence_embedding", pooling: "max" }, mean],
    ["a graph with fewer inputs", { inputs: ["input_ids"] }, mean],
    ["a graph with token types", { inputs: ["input_ids", "attention_mask", "token_type_ids"] }, mean],
  ];
  for (const [name, options, expected] of poolings) {
    test(`a text's vector is exact by ${name}`, async () => {
      const [vector] = await (await open(options)).embed(["The CAT"]);
      assert.ok(dot(vector, expected()) > 1 - 1e-6);
    });
  }

  test("its own length limit holds, not what its tokenizer.json says", async () => {
    const { limits } = await open({ maxTokens: 7 });
    assert.equal(limits.maxTokens, 7);
    const texts = ["cat dog ship wing orbit", "cat dog ship wing orbit the", "cat dog ship wing mat"];
    const [full, longer, other] = (await embedder?.embed(texts)) ?? [];
    assert.deepEqual(full, longer);
    assert.notDeepEqual(full, other);
  });

  const unsupported: [string, TinyModelOptions, RegExp][] = [
    ["another pooling", { pooling: "max" }, /max/],
    ["a Dense layer that the graph lacks", { furtherModules: ["Dense"] }, /Dense/],
    ["inputs that no text gives", { inputs: ["input_ids", "pixel_values"] }, /pixel_values/],
  ];
  for (const [name, options, message] of unsupported) {
    test(`${name} is refused`, async () => {
      const opening = open(options).then((opened) => opened.load());
      await assert.rejects(opening, { code: "model_unsupported", message });
    });
  }
  test("a Dense layer inside the graph is fine", async () => {
    await (await open({ furtherModules: ["Dense"], output: "sentence_embedding" })).load();
  });

  test("its dimensions come from its files, and from the graph where they do not say them", async () => {
    const declared = await open();
    assert.equal(declared.identity.dimensions, 16);
    assert.deepEqual(declared.answered(), [], "nothing was loaded");
    await rm(directory ?? "", { recursive: true });
    const found = await open({ hiddenSize: null });
    assert.equal(found.identity.dimensions, 16);
    assert.deepEqual(found.answered(), [0], "the graph was asked");
    await found.close();
    await rm(directory ?? "", { recursive: true });
    // A Dense layer may change the hidden size.
    const changed = await open({ hiddenSize: 24, furtherModules: ["Dense"], output: "sentence_embedding" });
    assert.equal(changed.identity.dimensions, 16);
  });

  test("a graph that gives other dimensions than its files say is refused", async () => {
    const opened = await open({ hiddenSize: 24 });
    for (const text of [opened.load(), opened.embed(["the cat"])]) {
      await assert.rejects(text, { code: "model_unsupported", message: /24 dimensions.* gives 16/ });
    }
  });
});

describe("a bad model folder", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "isthmus-bad-"));
    await cp(bundledModelDirectory(), directory, { recursive: true });
  });
  afterEach(() => rm(directory, { recursive: true }));

  /** Opens the embedder, which must not mind, and then loads it. */
  async function load(): Promise<void> {
    const embedder = await createOnnxEmbedder({ directory });
    assert.equal(embedder.identity.revision, "47c4dad319a7c2e8");
    try {
      await embedder.load();
    } finally {
      await embedder.close();
    }
  }

  test("one flipped bit of the weights is found before they are used", async () => {
    await flipBit();
    await assert.rejects(load(), { code: "model_damaged", message: /model_int8\.onnx/ });
  });

  test("a damaged tokenizer and a missing file are named", async () => {
    await writeFile(join(directory, "tokenizer.json"), "{}");
    await assert.rejects(load(), { code: "model_damaged", message: /tokenizer\.json/ });
    await rm(join(directory, "model_int8.onnx"));
    await assert.rejects(load(), { code: "model_missing", message: /model_int8\.onnx/ });
    await assert.rejects(createOnnxEmbedder({ directory: join(directory, "no") }), { code: "model_missing" });
  });

  test("what damages the description is found at once", async () => {
    await writeFile(join(directory, "config.json"), "{}");
    await assert.rejects(createOnnxEmbedder({ directory }), { code: "model_damaged", message: /config\.json/ });
  });

  test("once it is mended, the same embedder loads it", async () => {
    const embedder = await createOnnxEmbedder({ directory, workers: 1 });
    try {
      await flipBit();
      const failing = [embedder.load(), embedder.embed(["wing"])];
      for (const attempt of failing) await assert.rejects(attempt, { code: "model_damaged" });
      await flipBit();
      assert.equal((await embedder.embed(["wing"]))[0]?.length, 384);
    } finally {
      await embedder.close();
    }
  });

  async function flipBit(): Promise<void> {
    const path = join(directory, "model_int8.onnx");
    const bytes = await readFile(path);
    bytes[11_000_000] = (bytes[11_000_000] ?? 0) ^ 0x10;
    await writeFile(path, bytes);
  }
});

function dot(left: Float32Array | undefined, right: Float32Array | undefined): number {
  return left?.reduce((sum, value, index) => sum + value * (right?.[index] ?? 0), 0) ?? Number.NaN;
}
