import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { bytesOf, contentsOf } from "../../scripts/bundle/contents.ts";
import { type LambdaArchitecture, lambdaBudget } from "../../scripts/bundle/lambda.ts";
import { root } from "../../scripts/run.ts";
import { ownArchitecture, type PackagedFunction, packageAndUnpack } from "../support/lambda/packaged.ts";

/** `e_machine` of an ELF file: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
const machines: Record<LambdaArchitecture, number> = { x86_64: 0x3e, arm64: 0xb7 };

/** Code that is loaded on demand, and what it shares with the rest. */
const chunk = /^chunk-[A-Z0-9]+\.js$/;

const wanted = [
  "THIRD-PARTY-LICENCES.txt",
  "lambda.mjs",
  "libonnxruntime.so.1",
  "models/all-MiniLM-L6-v2/README.md",
  "models/all-MiniLM-L6-v2/SHA256SUMS",
  "models/all-MiniLM-L6-v2/config.json",
  "models/all-MiniLM-L6-v2/model_int8.onnx",
  "models/all-MiniLM-L6-v2/special_tokens_map.json",
  "models/all-MiniLM-L6-v2/tokenizer.json",
  "models/all-MiniLM-L6-v2/tokenizer_config.json",
  "onnxruntime_binding.node",
  "package.json",
];

for (const architecture of ["x86_64", "arm64"] as const) {
  describe(`the package for ${architecture}`, () => {
    let packaged: PackagedFunction;
    before(async () => {
      packaged = await packageAndUnpack(architecture);
    });
    after(() => packaged.remove());

    it("holds what the function needs, and nothing else", () => {
      assert.deepEqual(
        packaged.paths.filter((path) => !chunk.test(path)),
        wanted,
      );
    });

    it("stays within its budget, zipped and unzipped", async () => {
      assert.ok(packaged.zipBytes <= lambdaBudget.zipped, `${packaged.zipBytes} bytes zipped`);
      const bytes = bytesOf(await contentsOf(packaged.folder));
      assert.ok(bytes <= lambdaBudget.unzipped, `${bytes} bytes unzipped`);
      const program = await readFile(join(packaged.folder, "lambda.mjs"));
      assert.ok(program.length <= lambdaBudget.program, `${program.length} bytes of a program`);
    });

    it("has binaries of its own processor alone, without CUDA", async () => {
      for (const file of ["libonnxruntime.so.1", "onnxruntime_binding.node"]) {
        const bytes = await readFile(join(packaged.folder, file));
        assert.equal(bytes.toString("latin1", 0, 4), "\x7fELF", file);
        assert.equal(bytes.readUInt16LE(18), machines[architecture], file);
        assert.equal(bytes.includes("libcudart.so"), false, `${file} wants CUDA`);
      }
    });

    it("carries no client library of a cloud, no local store, no parser and nothing that writes answers", async () => {
      const files = packaged.paths.filter((path) => path === "lambda.mjs" || chunk.test(path));
      const code = (await Promise.all(files.map((file) => readFile(join(packaged.folder, file), "utf8")))).join("\n");
      for (const foreign of [
        "@google-cloud",
        "google-auth",
        "@aws-sdk",
        "weaviate-client",
        "node:sqlite",
        "pdfjs-dist",
        "htmlparser2",
        ...ofAnswers,
      ]) {
        assert.equal(code.includes(foreign), false, foreign);
      }
      const licences = await readFile(join(packaged.folder, "THIRD-PARTY-LICENCES.txt"), "utf8");
      const names = [...licences.matchAll(/^(@?[\w./-]+) \d+\.\d+\.\d+\S* \(/gm)].map(([, name]) => name);
      assert.deepEqual(names, [
        "@bufbuild/protobuf",
        "@connectrpc/connect",
        "@connectrpc/connect-node",
        "@huggingface/tokenizers",
        "@orama/stemmers",
        "aws4fetch",
        "hono",
        "onnxruntime-common",
        "onnxruntime-node",
        "stemmer",
        "zod",
      ]);
    });

    it("carries the model as it ships", async () => {
      const model = "models/all-MiniLM-L6-v2/model_int8.onnx";
      const digest = async (path: string) =>
        createHash("sha256")
          .update(await readFile(path))
          .digest("hex");
      assert.equal(await digest(join(packaged.folder, model)), await digest(join(root, model)));
    });
  });
}

/** What weighs evidence, and what asks a language model: the answer function's alone, so that no query's cold start loads it. */
const ofAnswers = ["likenessDeviations", "Intl.Segmenter", "doStream"];

describe("the package of the answer function", () => {
  let packaged: PackagedFunction;
  before(async () => {
    packaged = await packageAndUnpack(ownArchitecture, "answer");
  });
  after(() => packaged.remove());

  it("holds what the query function's holds, its own program and the prices of models", () => {
    assert.deepEqual(
      packaged.paths.filter((path) => !chunk.test(path)),
      [...wanted.filter((path) => path !== "lambda.mjs"), "infra/prices.json", "lambda-answer.mjs"].sort(),
    );
  });

  it("stays within the same budget", async () => {
    assert.ok(packaged.zipBytes <= lambdaBudget.zipped, `${packaged.zipBytes} bytes zipped`);
    const bytes = bytesOf(await contentsOf(packaged.folder));
    assert.ok(bytes <= lambdaBudget.unzipped, `${bytes} bytes unzipped`);
  });

  it("loads no client of a provider before a model is asked", async () => {
    const program = await readFile(join(packaged.folder, "lambda-answer.mjs"), "utf8");
    const reached = new Set<string>();
    const visit = async (code: string): Promise<void> => {
      for (const [, name = ""] of code.matchAll(/(?:from|import)\s*"\.\/(chunk-[A-Z0-9]+\.js)"/g)) {
        if (reached.has(name)) continue;
        reached.add(name);
        await visit(await readFile(join(packaged.folder, name), "utf8"));
      }
    };
    await visit(program);
    const loaded = await Promise.all([...reached].map((name) => readFile(join(packaged.folder, name), "utf8")));
    const code = [program, ...loaded].join("\n");
    for (const foreign of [
      "bedrock-runtime",
      "aiplatform.googleapis.com",
      "google-auth-library",
      "node:sqlite",
      "pdfjs-dist",
    ])
      assert.equal(code.includes(foreign), false, foreign);
    // So that the query function's package is searched for what does stand in this one.
    for (const own of ofAnswers.slice(0, 1)) assert.equal(code.includes(own), true, own);
    const all = await Promise.all(
      packaged.paths.filter((path) => chunk.test(path)).map((path) => readFile(join(packaged.folder, path), "utf8")),
    );
    assert.ok(
      all.some((text) => text.includes("bedrock-runtime")),
      "it is there when it is asked for",
    );
  });

  it("is made of these packages", async () => {
    const licences = await readFile(join(packaged.folder, "THIRD-PARTY-LICENCES.txt"), "utf8");
    const names = [...licences.matchAll(/^(@?[\w./-]+) \d+\.\d+\.\d+\S* \(/gm)].map(([, name = ""]) => name);
    const own = names.filter((name) => !/^(@aws-sdk|@smithy|@aws)\//.test(name));
    assert.deepEqual(own, [
      "@ai-sdk/amazon-bedrock",
      "@ai-sdk/anthropic",
      "@ai-sdk/google",
      "@ai-sdk/google-vertex",
      "@ai-sdk/openai-compatible",
      "@ai-sdk/provider",
      "@ai-sdk/provider-utils",
      "@bufbuild/protobuf",
      "@connectrpc/connect",
      "@connectrpc/connect-node",
      "@huggingface/tokenizers",
      "@orama/stemmers",
      "@workflow/serde",
      "agent-base",
      "aws4fetch",
      "base64-js",
      "bignumber.js",
      "bowser",
      "buffer-equal-constant-time",
      "data-uri-to-buffer",
      "debug",
      "ecdsa-sig-formatter",
      "eventsource-parser",
      "extend",
      "fetch-blob",
      "formdata-polyfill",
      "gaxios",
      "gcp-metadata",
      "google-auth-library",
      "google-logging-utils",
      "hono",
      "https-proxy-agent",
      "json-bigint",
      "jwa",
      "jws",
      "ms",
      "node-domexception",
      "node-fetch",
      "onnxruntime-common",
      "onnxruntime-node",
      "safe-buffer",
      "stemmer",
      "web-streams-polyfill",
      "zod",
    ]);
  });
});

it("the same sources give the same zip", async () => {
  const packages = await Promise.all([packageAndUnpack("arm64"), packageAndUnpack("arm64")]);
  try {
    assert.equal(packages[0].zipBytes, packages[1].zipBytes);
    const code = await Promise.all(packages.map(({ folder }) => readFile(join(folder, "lambda.mjs"), "utf8")));
    assert.equal(code[0], code[1]);
  } finally {
    await Promise.all(packages.map(({ remove }) => remove()));
  }
});
