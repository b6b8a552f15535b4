import { readFile, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { createOnnxEmbedder } from "../adapters/embedder/onnx.ts";
import { discardModel, LOCAL, stageModel } from "../adapters/model/add.ts";
import { bundledModelDirectory } from "../adapters/model/bundled.ts";
import { cachedModels, publishModel } from "../adapters/model/fetch.ts";
import type { Settings } from "../config/settings.ts";
import { IsthmusError } from "../core/errors.ts";
import type { Embedder, TextPrefixes } from "../core/ports.ts";
import type { ModelIdentity } from "../core/types.ts";
import { modelCacheDirectory } from "./embedder.ts";
import { languageNames } from "./languages.ts";
import { checkModel, type LanguageCheck, leastFirst } from "./model-check.ts";

export { verifyModel } from "../adapters/model/verify.ts";

/** Written beside a model's files, and no part of them. */
const CHECK_FILE = "isthmus-check.json";

export interface NewModel {
  readonly from: string;
  /** Default the folder's own name. */
  readonly name?: string | undefined;
  readonly onnxFile?: string | undefined;
  readonly prefixes?: TextPrefixes | undefined;
  /** Takes it whatever the check finds. */
  readonly accept: boolean;
}

/** A model that can be used, by `ISTHMUS_MODEL=<spec>`; the one that ships needs no spec. */
export interface KnownModel extends ModelIdentity {
  readonly spec: string | undefined;
  readonly directory: string;
  readonly maxTokens: number;
  readonly prefixes: TextPrefixes | undefined;
  /** As it was found when the model was added; undefined for one that was not. */
  readonly check: readonly LanguageCheck[] | undefined;
}

export interface AddedModel {
  readonly model: KnownModel;
  /** The same questions, asked of the model that ships. */
  readonly shipped: readonly LanguageCheck[];
}

/**
 * Takes a model from a folder into the data folder: copied, named by checksums, loaded, and asked the questions of `checkModel`
 * before it can be used. What fails leaves nothing behind.
 *
 * @throws `model_missing`, `model_unsupported`, `config_invalid`, `cancelled`
 */
export async function addModel(settings: Settings, wanted: NewModel, signal: AbortSignal): Promise<AddedModel> {
  const from = resolve(wanted.from);
  const name = `${LOCAL}/${nameOf(wanted.name ?? basename(from))}`;
  const cacheDir = modelCacheDirectory(settings);
  const staging = join(cacheDir, ...name.split("/"), `adding-${process.pid}`);
  const { onnxFile, prefixes } = wanted;
  try {
    const commit = await stageModel({
      from,
      to: staging,
      name,
      signal,
      ...(onnxFile !== undefined && { onnxFile }),
      ...(prefixes && { prefixes }),
    });
    const check = await withModel(staging, settings, (embedder) => checked(embedder, from, wanted.accept, signal));
    const shipped = await withModel(bundledModelDirectory(), settings, (embedder) => checkModel(embedder, signal));
    await writeFile(join(staging, CHECK_FILE), `${JSON.stringify(check)}\n`);
    const directory = await publishModel(staging, cacheDir, name, commit);
    return { model: await known(`${name}@main`, directory), shipped };
  } finally {
    await discardModel(staging);
  }
}

/** The model that ships, and those in the data folder. */
export async function listModels(settings: Settings): Promise<KnownModel[]> {
  const models = [await known(undefined, bundledModelDirectory())];
  for (const { spec, directory } of await cachedModels(modelCacheDirectory(settings))) {
    models.push(await known(spec, directory));
  }
  return models;
}

function nameOf(given: string): string {
  const name = given.replaceAll(/\s+/g, "-");
  if (/^[\w-][\w.-]{0,99}$/.test(name)) return name;
  throw new IsthmusError(
    "config_invalid",
    `The name ${JSON.stringify(given)} has characters that no model's name has; give another with --name (letters, digits, "-", "_", ".").`,
  );
}

/** @throws `model_unsupported` where no language is found well enough. */
async function checked(
  embedder: Embedder,
  from: string,
  accept: boolean,
  signal: AbortSignal,
): Promise<LanguageCheck[]> {
  const [found] = await embedder.embed([" "], signal);
  const length = Math.hypot(...(found ?? []));
  if (!(Math.abs(length - 1) < 1e-3)) throw unusable(from, "gives a vector that is no number");
  const checks = await checkModel(embedder, signal);
  const best = checks.reduce((most, check) => (check.first > most.first ? check : most));
  if (best.first >= leastFirst || accept) return checks;
  throw unusable(
    from,
    `finds ${Math.round(best.first * 8)} of 8 answers in its best language, ${languageNames([best.language])}`,
  );
}

function unusable(from: string, what: string): IsthmusError {
  return new IsthmusError(
    "model_unsupported",
    `The model in ${from} ${what}. It may be no sentence-embedding model, or lack its 1_Pooling/config.json or its prefixes (--query-prefix, --passage-prefix); --accept takes it all the same.`,
  );
}

async function withModel<Result>(
  directory: string,
  settings: Settings,
  work: (embedder: Embedder) => Promise<Result>,
): Promise<Result> {
  const embedder = await createOnnxEmbedder({ directory, workers: settings.workers });
  try {
    await embedder.load();
    return await work(embedder);
  } finally {
    await embedder.close();
  }
}

async function known(spec: string | undefined, directory: string): Promise<KnownModel> {
  const embedder = await createOnnxEmbedder({ directory, workers: 1 });
  try {
    const check = await readFile(join(directory, CHECK_FILE), "utf8").catch(() => undefined);
    return {
      spec,
      directory,
      ...embedder.identity,
      maxTokens: embedder.limits.maxTokens,
      prefixes: embedder.prefixes,
      check: check === undefined ? undefined : (JSON.parse(check) as LanguageCheck[]),
    };
  } finally {
    await embedder.close();
  }
}
