import { readFileSync } from "node:fs";
import { access, constants, mkdir, statfs } from "node:fs/promises";
import { availableParallelism, cpus, endianness, totalmem } from "node:os";
import { verifyModel } from "../adapters/model/verify.ts";
import type { Settings } from "../config/settings.ts";
import { toIsthmusError } from "../core/errors.ts";
import type { Embedder } from "../core/ports.ts";
import { modelDirectory, openEmbedder } from "./embedder.ts";
import { openStore } from "./runtime.ts";

/** One thing looked at: what was found, and what to do where it is not well. */
export interface Finding {
  readonly check: "node" | "cpu" | "memory" | "data folder" | "disk" | "model" | "embedder" | "index";
  readonly level: "ok" | "warning" | "error";
  readonly found: string;
  readonly advice?: string;
}

const lowDiskBytes = 1e9;
const oldestNode = 24;

/** Looks at everything a local installation needs, in the order in which one thing needs another. */
export async function* diagnose(settings: Settings): AsyncGenerator<Finding> {
  yield nodeVersion();
  yield cpu();
  yield { check: "memory", level: "ok", found: `${(totalmem() / 2 ** 30).toFixed(1)} GiB` };
  yield await dataFolder(settings);
  yield await disk(settings);
  const model = await attempt("model", () => checkModel(settings));
  yield model;
  if (model.level === "error") return;
  let embedder: Embedder | undefined;
  yield await attempt("embedder", async () => {
    embedder = await openEmbedder(settings);
    const started = performance.now();
    const [vector] = await embedder.embed(["Is the model well?"]);
    const tookMs = Math.round(performance.now() - started);
    return {
      level: "ok",
      found: `${vector?.length} dimensions, first text in ${tookMs} ms, ${settings.workers} workers`,
    };
  });
  if (embedder === undefined) return;
  const { identity } = embedder;
  yield await attempt("index", async () => {
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
  });
  await embedder.close();
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

/** Without VNNI the int8 model runs on plain AVX2: slower, the same vectors. */
function cpu(): Finding {
  const name = `${cpus()[0]?.model.trim() ?? "unknown"}, ${availableParallelism()} cores, ${endianness()}`;
  const flags = cpuFlags();
  if (flags === undefined) return { check: "cpu", level: "ok", found: name };
  const known = ["avx2", "avx512f", "avx512_vnni", "avx_vnni"].filter((flag) => flags.has(flag));
  const found = `${name}, ${known.length === 0 ? "no AVX2" : known.join(" ")}`;
  if (known.some((flag) => flag.endsWith("vnni"))) return { check: "cpu", level: "ok", found };
  return { check: "cpu", level: "ok", found: `${found} (no VNNI: embedding is slower, its vectors are as good)` };
}

function cpuFlags(): Set<string> | undefined {
  try {
    const line = /^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1];
    return line === undefined ? undefined : new Set(line.trim().split(/\s+/));
  } catch {
    return undefined; // Only Linux tells.
  }
}

async function dataFolder(settings: Settings): Promise<Finding> {
  try {
    await mkdir(settings.dataDir, { recursive: true });
    await access(settings.dataDir, constants.W_OK);
    return { check: "data folder", level: "ok", found: settings.dataDir };
  } catch (error) {
    const found = `${settings.dataDir}: ${error instanceof Error ? error.message : error}`;
    return {
      check: "data folder",
      level: "error",
      found,
      advice: "Set ISTHMUS_DATA_DIR to a folder that can be written.",
    };
  }
}

async function disk(settings: Settings): Promise<Finding> {
  const { bavail, bsize } = await statfs(settings.dataDir).catch(() => ({ bavail: 0, bsize: 0 }));
  const free = bavail * bsize;
  const found = `${(free / 1e9).toFixed(1)} GB free`;
  if (free >= lowDiskBytes) return { check: "disk", level: "ok", found };
  return {
    check: "disk",
    level: "warning",
    found,
    advice: "An index takes about 5 KB a chunk; free some space or set ISTHMUS_DATA_DIR.",
  };
}

async function checkModel(settings: Settings): Promise<Omit<Finding, "check">> {
  const directory = await modelDirectory(settings);
  if (directory === undefined) {
    return { level: "ok", found: `${settings.remoteEmbedder?.model} at ${settings.remoteEmbedder?.url}` };
  }
  const files = await verifyModel(directory);
  return { level: "ok", found: `${directory}, ${files.length} files match their checksums` };
}
