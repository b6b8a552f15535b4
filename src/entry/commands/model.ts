import { modelCacheDirectory, modelDirectory, verifyModel } from "../../compose/embedder.ts";
import { prepareModelFolder } from "../../compose/runtime.ts";
import type { Settings } from "../../config/settings.ts";
import { IsthmusError } from "../../core/errors.ts";
import type { Command, Invocation } from "../command.ts";
import { createFetchProgress } from "../terminal/fetch-progress.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { runtimeOf, settingsOf } from "./shared.ts";

export const modelCommand: Command = {
  name: "model",
  summary: "show, verify or fetch the embedding model",
  usage: "model <show|verify|fetch> [org/name@revision]",
  options: {},
  optionHelp: {},
  examples: ["isthmus model verify", "isthmus model fetch sentence-transformers/all-MiniLM-L12-v2@main"],
  positionals: [1, 2],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const [action, spec] = invocation.positionals;
  if (action !== "show" && action !== "verify" && action !== "fetch") {
    throw new IsthmusError("config_invalid", `isthmus model ${action}: the action is show, verify or fetch.`);
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
