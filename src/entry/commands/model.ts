import { modelCacheDirectory, modelDirectory } from "../../compose/embedder.ts";
import { addModel, type KnownModel, listModels, verifyModel } from "../../compose/model-add.ts";
import { prepareDataDirectory, prepareModelFolder } from "../../compose/runtime.ts";
import type { Settings } from "../../config/settings.ts";
import { IsthmusError } from "../../core/errors.ts";
import { type Command, flagOption, type Invocation, textOption } from "../command.ts";
import { createFetchProgress } from "../terminal/fetch-progress.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { type Output, visible } from "../terminal/output.ts";
import { runtimeOf, settingsOf } from "./shared.ts";

export const modelCommand: Command = {
  name: "model",
  summary: "show, verify, fetch, add or list embedding models",
  usage: "model <show|verify|fetch|add|list> [org/name@revision | folder] [options]",
  options: {
    name: { type: "string" },
    onnx: { type: "string" },
    "query-prefix": { type: "string" },
    "passage-prefix": { type: "string" },
    accept: { type: "boolean" },
  },
  optionHelp: {
    name: "add: what to call it, local/NAME (default the folder's own name)",
    onnx: "add: the graph in the folder, where it has several",
    "query-prefix": "add: what the model wants before a question (default as its files say)",
    "passage-prefix": "add: what it wants before a passage",
    accept: "add: take it whatever the check finds",
  },
  examples: [
    "isthmus model verify",
    "isthmus model fetch sentence-transformers/all-MiniLM-L12-v2@main",
    "isthmus model add ./multilingual-e5-small",
    "isthmus model list --json",
  ],
  positionals: [1, 2],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const [action, spec] = invocation.positionals;
  if (action === "add" || action === "list") return await addOrList(invocation, action, spec);
  if (action !== "show" && action !== "verify" && action !== "fetch") {
    throw new IsthmusError(
      "config_invalid",
      `isthmus model ${action}: the action is show, verify, fetch, add or list.`,
    );
  }
  const settings = settingsOf(invocation, { ISTHMUS_MODEL: { shown: "The model", value: spec } });
  if (action === "fetch" && settings.model === undefined) {
    throw new IsthmusError("config_invalid", "Name the model to fetch: isthmus model fetch org/name@revision.");
  }
  const sentence = "Stopping; what was fetched is kept, and the same command goes on from there.";
  return await interruptible(invocation.output, sentence, (signal) =>
    action === "show" ? show(invocation, settings, signal) : verify(invocation, settings, action, signal),
  );
}

async function addOrList(invocation: Invocation, action: "add" | "list", from: string | undefined): Promise<number> {
  const settings = settingsOf(invocation);
  if (action === "list") return await list(invocation, settings);
  if (from === undefined) {
    throw new IsthmusError("config_invalid", "Name the model's folder: isthmus model add PATH.");
  }
  return await interruptible(invocation.output, "Stopping; nothing is added.", (signal) =>
    add(invocation, settings, from, signal),
  );
}

async function add(invocation: Invocation, settings: Settings, from: string, signal: AbortSignal): Promise<number> {
  const { output } = invocation;
  const question = textOption(invocation, "query-prefix");
  const passage = textOption(invocation, "passage-prefix");
  const given = question !== undefined || passage !== undefined;
  await prepareDataDirectory(settings);
  output.note("Copying the model, then asking it 64 questions in eight languages…");
  const { model, shipped } = await addModel(
    settings,
    {
      from,
      name: textOption(invocation, "name"),
      onnxFile: textOption(invocation, "onnx"),
      accept: flagOption(invocation, "accept"),
      ...(given && { prefixes: { question: question ?? "", passage: passage ?? "" } }),
    },
    signal,
  );
  output.data({ ...asJson(model), shipped_model_check: shipped });
  printModel(output, model);
  const shippedShare = shipped.map(({ language, first }) => `${language} ${percent(first)}`).join(", ");
  output.line(`  the one that ships: ${shippedShare}`);
  output.line(
    `Measure it on your own documents, then use it with an index of its own:\n  ISTHMUS_MODEL=${model.spec} isthmus eval FOLDER\n  ISTHMUS_MODEL=${model.spec} ISTHMUS_DATA_DIR=… isthmus ingest FOLDER`,
  );
  return 0;
}

async function list({ output }: Invocation, settings: Settings): Promise<number> {
  const models = await listModels(settings);
  output.data({ models: models.map((model) => ({ ...asJson(model), in_use: isInUse(model, settings) })) });
  for (const model of models) {
    printModel(output, model);
    if (isInUse(model, settings)) output.line("  in use");
  }
  return 0;
}

function isInUse({ spec }: KnownModel, { model, remoteEmbedder }: Settings): boolean {
  return remoteEmbedder === undefined && spec === model;
}

function asJson({ spec, directory, model, dimensions, revision, maxTokens, prefixes, check }: KnownModel) {
  return {
    spec: spec ?? null,
    model,
    dimensions,
    revision,
    max_tokens: maxTokens,
    prefixes: prefixes ?? null,
    check: check ?? null,
    directory,
  };
}

function printModel(output: Output, { spec, directory, dimensions, maxTokens, prefixes, check }: KnownModel): void {
  output.line(output.style("bold", visible(spec ?? "the model that ships")));
  output.line(`  ${dimensions} dimensions, ${maxTokens} tokens, in ${visible(directory)}`);
  if (prefixes) {
    const [question, passage] = [prefixes.question, prefixes.passage].map((prefix) => visible(JSON.stringify(prefix)));
    output.line(`  prefixes: ${question} before a question, ${passage} before a passage`);
  }
  if (check)
    output.line(`  answers first: ${check.map(({ language, first }) => `${language} ${percent(first)}`).join(", ")}`);
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

async function show(invocation: Invocation, settings: Settings, signal: AbortSignal): Promise<number> {
  const { output } = invocation;
  const runtime = await runtimeOf(invocation, settings, signal);
  try {
    const { identity, limits } = runtime.embedder;
    output.data({ ...identity, max_tokens: limits.maxTokens });
    output.line(
      `${identity.model}\n  dimensions ${identity.dimensions}\n  revision   ${identity.revision}\n  max tokens ${limits.maxTokens}`,
    );
    return 0;
  } finally {
    await runtime.close();
  }
}

/** Fetches what is missing, and checks every file. */
async function verify(
  { output }: Invocation,
  settings: Settings,
  action: "verify" | "fetch",
  signal: AbortSignal,
): Promise<number> {
  const progress = createFetchProgress(output);
  await prepareModelFolder(settings);
  const directory = await modelDirectory(settings, {
    onFetchProgress: progress.onProgress,
    refresh: action === "fetch",
    signal,
  }).finally(progress.stop);
  if (directory === undefined) {
    throw new IsthmusError(
      "config_invalid",
      "ISTHMUS_EMBEDDING_URL is set: the model lives behind that address and cannot be verified here.",
    );
  }
  const files = await verifyModel(directory, signal);
  output.data({ directory, files });
  output.line(`${directory}: ${files.length} files match their checksums.`);
  if (action === "fetch")
    output.line(`Use it with ISTHMUS_MODEL=${settings.model} (kept in ${modelCacheDirectory(settings)}).`);
  return 0;
}
