import { access, constants, statfs } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";
import { verifyModel } from "../adapters/model/verify.ts";
import type { Settings } from "../config/settings.ts";
import { IsthmusError, present, toIsthmusError } from "../core/errors.ts";
import type { Embedder } from "../core/ports.ts";
import { shownAddress } from "../core/redact.ts";
import type { ModelIdentity } from "../core/types.ts";
import { isSound } from "../core/verify.ts";
import { cpuFlags, hasVnni } from "./cpu-flags.ts";
import { type EmbedderListener, modelDirectory, openEmbedder } from "./embedder.ts";
import type { Finding } from "./finding.ts";
import { languageNames, languagesIn } from "./languages.ts";
import { prepareDataDirectory } from "./runtime.ts";
import { openStore, weaviateSettings } from "./store.ts";
import { diagnoseWay } from "./weaviate-way.ts";

export type { Finding };

const lowDiskBytes = 2 ** 30;
const oldestNode = 24;

/**
 * Looks at everything a local installation needs, in the order in which one thing needs another.
 *
 * @param listener is told of the fetch of a named model, and may stop it. @throws what the signal was aborted with.
 */
export async function* diagnose(settings: Settings, listener: EmbedderListener = {}): AsyncGenerator<Finding> {
  yield nodeVersion();
  yield cpu();
  yield { check: "memory", level: "ok", found: gibibytes(totalmem()) };
  const folder = await dataFolder(settings);
  yield folder;
  if (folder.level === "error") return;
  yield await disk(settings);
  listener.signal?.throwIfAborted();
  const model = await attempt("model", () => checkModel(settings, listener));
  listener.signal?.throwIfAborted();
  yield model;
  if (model.level === "error") return;
  let embedder: Embedder | undefined;
  yield await attempt("embedder", async () => {
    embedder = await openEmbedder(settings, listener);
    const started = performance.now();
    const [vector] = await embedder.embed(["Is the model well?"]);
    const tookMs = Math.round(performance.now() - started);
    return {
      level: "ok",
      found: `${vector?.length} dimensions, first text in ${tookMs} ms, ${settings.workers} workers`,
    };
  });
  if (embedder === undefined) return;
  try {
    listener.signal?.throwIfAborted();
    const { identity } = embedder;
    for await (const finding of diagnoseStore(settings, identity)) {
      listener.signal?.throwIfAborted();
      yield finding;
    }
  } finally {
    await embedder.close();
  }
}

/** The same of a server that runs, whose model is loaded. */
export async function* diagnoseServer(settings: Settings, identity: ModelIdentity): AsyncGenerator<Finding> {
  yield nodeVersion();
  yield cpu();
  yield { check: "memory", level: "ok", found: gibibytes(totalmem()) };
  const folder = await dataFolder(settings);
  yield folder;
  if (folder.level === "error") return;
  yield await disk(settings);
  yield* diagnoseStore(settings, identity);
}

/** The store alone: the index in its file, or the whole way to a Weaviate. */
export async function* diagnoseStore(settings: Settings, identity: ModelIdentity): AsyncGenerator<Finding> {
  if (settings.weaviate === undefined) yield await attempt("index", () => checkIndex(settings, identity));
  else yield* diagnoseWay(weaviateSettings(settings.weaviate, settings.rangeKeys), identity);
  // Where the index cannot be read, the way to it has said why.
  const languages = await languagesHeld(settings, identity).catch(() => undefined);
  if (languages !== undefined) yield { check: "languages", ...languages };
  const verified = await lastVerification(settings, identity).catch(() => undefined);
  if (verified !== undefined) yield { check: "verification", ...verified };
}

/** What the index is written in, and whether the model can make anything of it; undefined where it holds nothing yet. */
async function languagesHeld(settings: Settings, identity: ModelIdentity): Promise<Omit<Finding, "check"> | undefined> {
  const reader = await openStore(settings).openReader(identity);
  try {
    if ((await reader.count("")).documents === 0) return undefined;
    const languages = await languagesIn(reader, "");
    if (languages.length === 0) return { level: "ok", found: "English, as far as can be told" };
    const found = `${languageNames(languages)}, beside English and what cannot be told`;
    if (settings.model !== undefined || settings.remoteEmbedder !== undefined) return { level: "ok", found };
    return {
      level: "warning",
      found,
      advice:
        "The model that ships knows English: other languages are found by their words. docs/languages.md says how to take another.",
    };
  } finally {
    await reader.close();
  }
}

/** What is known of the index's inside; undefined where it holds nothing yet. */
async function lastVerification(
  settings: Settings,
  identity: ModelIdentity,
): Promise<Omit<Finding, "check"> | undefined> {
  const reader = await openStore(settings).openReader(identity);
  try {
    const verification = await reader.verified();
    if (verification === undefined) {
      const found = "the index was never compared with what it holds";
      return { level: "ok", found, advice: "isthmus verify does that; let it run now and then." };
    }
    if (isSound(verification)) return { level: "ok", found: `nothing wrong at ${verification.at}` };
    const { damaged, orphaned, at } = verification;
    const found = `${damaged} damaged documents and ${orphaned.attempts} dead attempts at ${at}`;
    return { level: "warning", found, advice: "isthmus verify --repair mends it, then isthmus ingest." };
  } finally {
    await reader.close();
  }
}

async function checkIndex(settings: Settings, identity: ModelIdentity): Promise<Omit<Finding, "check">> {
  const reader = await openStore(settings).openReader(identity);
  try {
    await reader.check();
    const { documents, chunks, failed } = await reader.count("");
    const found = `${documents} documents, ${chunks} chunks`;
    if (failed === 0) return { level: "ok", found };
    return { level: "warning", found: `${found}, ${failed} failed`, advice: "isthmus status --failed lists them." };
  } finally {
    await reader.close();
  }
}

async function attempt(check: Finding["check"], look: () => Promise<Omit<Finding, "check">>): Promise<Finding> {
  try {
    return { check, ...(await look()) };
  } catch (thrown) {
    const error = toIsthmusError(thrown);
    // An index that does not exist yet is how every installation begins.
    return { check, level: error.code === "store_missing" ? "warning" : "error", found: error.message };
  }
}

function nodeVersion(): Finding {
  const found = `${process.version} on ${process.platform}-${process.arch}`;
  if (Number.parseInt(process.versions.node, 10) >= oldestNode) return { check: "node", level: "ok", found };
  return { check: "node", level: "error", found, advice: `Install Node ${oldestNode} or newer.` };
}

/** Without VNNI the int8 model runs on plain AVX2: slower, and its vectors are a little others, which find as well (eval/README.md). */
function cpu(): Finding {
  const name = `${cpus()[0]?.model.trim() ?? "unknown"}, ${availableParallelism()} cores`;
  const flags = cpuFlags();
  if (flags === undefined) return { check: "cpu", level: "ok", found: name };
  const known = ["avx2", "avx512f", "avx512_vnni", "avx_vnni"].filter((flag) => flags.has(flag));
  const found = `${name}, ${known.length === 0 ? "no AVX2" : known.join(" ")}`;
  if (hasVnni(flags)) return { check: "cpu", level: "ok", found };
  return { check: "cpu", level: "ok", found: `${found} (no VNNI: embedding is slower, its vectors are as good)` };
}

async function dataFolder(settings: Settings): Promise<Finding> {
  try {
    await prepareDataDirectory(settings);
    await access(settings.dataDir, constants.W_OK);
    return { check: "data folder", level: "ok", found: settings.dataDir };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return {
      check: "data folder",
      level: "error",
      found,
      ...(!(error instanceof IsthmusError) && { advice: "Set ISTHMUS_DATA_DIR to a folder that can be written." }),
    };
  }
}

async function disk(settings: Settings): Promise<Finding> {
  const free = await statfs(settings.dataDir).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined,
  );
  if (free === undefined)
    return { check: "disk", level: "warning", found: "the system does not tell how much is free" };
  const found = `${gibibytes(free)} free`;
  if (free >= lowDiskBytes) return { check: "disk", level: "ok", found };
  return {
    check: "disk",
    level: "warning",
    found,
    advice: "An index takes about 5 KB a chunk; free some space or set ISTHMUS_DATA_DIR.",
  };
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

async function checkModel(settings: Settings, listener: EmbedderListener): Promise<Omit<Finding, "check">> {
  const directory = await modelDirectory(settings, listener);
  if (directory === undefined) {
    const { model, url } = present(settings.remoteEmbedder, "the remote embedder");
    return { level: "ok", found: `${model} at ${shownAddress(url)}` };
  }
  const files = await verifyModel(directory);
  return { level: "ok", found: `${directory}, ${files.length} files match their checksums` };
}
