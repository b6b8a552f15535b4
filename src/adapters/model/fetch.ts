import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { IsthmusError } from "../../core/errors.ts";
import { LOCAL } from "./add.ts";
import { CHECKSUM_FILE, formatChecksums, sha256 } from "./checksums.ts";
import { MODEL_CARD } from "./description.ts";
import { downloadFile } from "./download.ts";
import { openModelFolder } from "./folder.ts";
import { type HubModel, type ModelSpec, parseModelSpec, resolveModel } from "./hub.ts";
import { cancelled, type Transfer } from "./transfer.ts";
import { verifyModel } from "./verify.ts";

/** Where a fetch stands. */
export interface FetchProgress {
  /** The file under way, as the repository names it. */
  readonly file: string;
  /** Of all files together, those resumed from an earlier run included. */
  readonly receivedBytes: number;
  readonly totalBytes: number;
}

export interface FetchModelOptions extends Transfer {
  /** `org/name@revision`; without a revision "main". */
  readonly spec: string;
  /** For example https://huggingface.co */
  readonly hubUrl: string;
  /** Holds `org/name/<commit>/` for each model. */
  readonly cacheDir: string;
  /** Asks the hub again which commit the revision is, and checks what is cached, byte by byte. */
  readonly refresh?: boolean | undefined;
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined;
}

/**
 * Brings a sentence-transformers ONNX model from a Hugging Face hub into the cache. What is cached is used without any
 * request; a fetch that broke off goes on where it stood; a model becomes visible only when it is whole and checked.
 * @returns the model's folder, `cacheDir/org/name/<commit>`.
 * @throws `config_invalid`, `model_missing`, `model_unsupported`, `model_fetch_failed`, `cancelled`
 */
export async function fetchModel(options: FetchModelOptions): Promise<string> {
  const cached = options.refresh ? undefined : await findCachedModel(options.spec, options.cacheDir);
  if (cached !== undefined) return cached;
  if (options.spec.startsWith(`${LOCAL}/`)) throw notAdded(options);
  try {
    return await bring(options);
  } catch (thrown) {
    throw options.signal?.aborted ? cancelled(thrown) : thrown;
  }
}

/**
 * Makes a staged model one of the cache, under `org/name@main` from now on.
 *
 * @param commit 40 hex digits that name its files.
 * @returns its folder.
 */
export async function publishModel(staging: string, cacheDir: string, name: string, commit: string): Promise<string> {
  const spec = { name, revision: "main" };
  const directory = directoryOf(cacheDir, spec, commit);
  await mkdir(dirname(directory), { recursive: true });
  if (await isModel(directory)) await rm(staging, { recursive: true, force: true });
  else await publish(staging, directory);
  await writeAtomically(pinFile(cacheDir, spec), `${commit}\n`);
  return directory;
}

/** Models in the cache: the spec that names each, and its folder. */
export async function cachedModels(cacheDir: string): Promise<{ spec: string; directory: string }[]> {
  const found: { spec: string; directory: string }[] = [];
  for (const organisation of await foldersIn(cacheDir)) {
    for (const model of await foldersIn(join(cacheDir, organisation))) {
      const place = join(cacheDir, organisation, model);
      const revisions = await readdir(join(place, "revisions")).catch((): string[] => []);
      for (const file of revisions.filter((name) => !name.endsWith(".tmp")).sort()) {
        const spec = `${organisation}/${model}@${decodeURIComponent(file)}`;
        const directory = await findCachedModel(spec, cacheDir);
        if (directory !== undefined) found.push({ spec, directory });
      }
    }
  }
  return found;
}

async function foldersIn(place: string): Promise<string[]> {
  const entries = await readdir(place, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

function notAdded({ spec, cacheDir }: FetchModelOptions): IsthmusError {
  return new IsthmusError(
    "model_missing",
    `No model ${spec} in ${cacheDir}. Models called ${LOCAL}/… come from a folder: isthmus model add PATH. isthmus model list shows those that are there.`,
  );
}

/** The folder of an earlier fetch, found without the network; undefined where there is none. @throws `config_invalid` */
async function findCachedModel(spec: string, cacheDir: string): Promise<string | undefined> {
  const parsed = parseModelSpec(spec);
  const pinned = await readFile(pinFile(cacheDir, parsed), "utf8").catch(() => parsed.revision);
  const commit = pinned.trim();
  if (!/^[0-9a-f]{40}$/.test(commit)) return undefined;
  const directory = directoryOf(cacheDir, parsed, commit);
  return (await isModel(directory)) ? directory : undefined;
}

async function bring(options: FetchModelOptions): Promise<string> {
  const spec = parseModelSpec(options.spec);
  const hubUrl = options.hubUrl.replace(/\/+$/, "");
  const model = await resolveModel(hubUrl, spec, options);
  const directory = directoryOf(options.cacheDir, spec, model.commit);
  if (!(await isWhole(directory, options.signal))) {
    await rm(directory, { recursive: true, force: true });
    await publish(await stage(options, hubUrl, spec, model, `${directory}.partial`), directory);
  }
  await writeAtomically(pinFile(options.cacheDir, spec), `${model.commit}\n`);
  return directory;
}

/** Downloads every file into the staging folder and describes them there. */
async function stage(
  options: FetchModelOptions,
  hubUrl: string,
  spec: ModelSpec,
  { commit, files }: HubModel,
  staging: string,
): Promise<string> {
  const totalBytes = files.reduce((sum, file) => sum + file.size, 0);
  const checksums = new Map<string, string>();
  let complete = 0;
  for (const file of files) {
    const report = (bytes: number) =>
      options.onProgress?.({ file: file.path, receivedBytes: complete + bytes, totalBytes });
    const url = `${hubUrl}/${spec.name}/resolve/${commit}/${file.path}`;
    checksums.set(file.path, await downloadFile(url, file, join(staging, ...file.path.split("/")), options, report));
    complete += file.size;
  }
  const card = `${JSON.stringify({ name: spec.name, commit })}\n`;
  await writeFile(join(staging, MODEL_CARD), card);
  checksums.set(MODEL_CARD, sha256(Buffer.from(card)));
  await writeFile(join(staging, CHECKSUM_FILE), formatChecksums(checksums));
  return staging;
}

function directoryOf(cacheDir: string, spec: ModelSpec, commit: string): string {
  return join(cacheDir, ...spec.name.split("/"), commit);
}

/** Remembers which commit a branch or tag was, so that the same spec stays the same model until it is fetched anew. */
function pinFile(cacheDir: string, spec: ModelSpec): string {
  return join(cacheDir, ...spec.name.split("/"), "revisions", encodeURIComponent(spec.revision));
}

async function isModel(directory: string): Promise<boolean> {
  return openModelFolder(directory).then(
    () => true,
    () => false,
  );
}

async function isWhole(directory: string, signal: AbortSignal | undefined): Promise<boolean> {
  return verifyModel(directory, signal).then(
    () => true,
    (thrown: unknown) => {
      if (signal?.aborted) throw thrown;
      return false;
    },
  );
}

async function publish(staging: string, directory: string): Promise<void> {
  await rename(staging, directory).catch(async (thrown: unknown) => {
    // Another process was first: the same commit, checked by the same checksums.
    if (!(await isModel(directory))) throw thrown;
    await rm(staging, { recursive: true, force: true });
  });
}

async function writeAtomically(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}
