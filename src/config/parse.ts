import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { parseGcs } from "./gcs.ts";
import { parseGenerator } from "./generator.ts";
import { createReader, type Environment, type SettingsReader } from "./read.ts";
import type { RemoteEmbedderSettings, Settings } from "./settings.ts";
import { parseTelemetry } from "./telemetry.ts";
import { parseWeaviate } from "./weaviate.ts";

/** What differs from one deployable to the other where a variable is not set. */
export interface Defaults {
  readonly dataDir: string;
  readonly store: "sqlite" | "weaviate";
}

/**
 * The settings of the local commands.
 *
 * @param names what faults call a variable that the command line has set: `{ PORT: "--port" }`.
 * @throws `config_invalid` naming every fault at once.
 */
export function parseSettings(environment: Environment, names: Readonly<Record<string, string>> = {}): Settings {
  const read = createReader(environment, names);
  return read.checked(readSettings(read, { dataDir: ".isthmus", store: "sqlite" }));
}

/** Reads what every deployable has in common; faults go to the reader. */
export function readSettings(read: SettingsReader, defaults: Defaults): Settings {
  const model = read.text("ISTHMUS_MODEL");
  if (model !== undefined && !/^[\w.-]+\/[\w.-]+@[\w./-]+$/.test(model)) {
    read.faults.push(`${read.shown("ISTHMUS_MODEL")} is ${JSON.stringify(model)}; it is org/name@revision.`);
  }
  read.refuseCredentials("ISTHMUS_HUB_URL", "give the token as HF_TOKEN");
  const settings: Settings = {
    dataDir: resolve(read.text("ISTHMUS_DATA_DIR") ?? defaults.dataDir),
    port: read.integer("PORT", 3000, 0, 65_535),
    host: read.text("HOST") ?? "127.0.0.1",
    apiKeys: parseKeys(read.secret("ISTHMUS_API_KEYS")),
    writeKeys: parseKeys(read.secret("ISTHMUS_WRITE_KEYS")),
    workers: read.integer("ISTHMUS_WORKERS", availableParallelism(), 1, 256),
    model,
    hubUrl: read.url("ISTHMUS_HUB_URL", "https://huggingface.co") ?? "",
    remoteEmbedder: parseRemoteEmbedder(read),
    format: read.choice("DOCUMENT_FORMAT", ["auto", "lines"], "auto"),
    maxFileBytes: read.integer("ISTHMUS_MAX_FILE_BYTES", 32 * 2 ** 20, 1, 2 ** 30),
    maxRecordBytes: read.integer("ISTHMUS_MAX_RECORD_BYTES", 2 ** 20, 1, 2 ** 28),
    maxUploadsBytes: read.integer("ISTHMUS_MAX_UPLOADS_BYTES", 10 * 2 ** 30, 1, Number.MAX_SAFE_INTEGER),
    ocrLanguages: parseOcr(read),
    rangeKeys: read.list("ISTHMUS_RANGE_KEYS"),
    gcs: parseGcs(read),
    allowMassDelete: read.flag("ISTHMUS_ALLOW_MASS_DELETE"),
    weaviate:
      read.choice("ISTHMUS_STORE", ["sqlite", "weaviate"], defaults.store) === "weaviate"
        ? parseWeaviate(read)
        : undefined,
    maxConcurrency: read.integer("ISTHMUS_MAX_CONCURRENCY", 16, 1, 10_000),
    log: read.choice("ISTHMUS_LOG", ["text", "json"], "text"),
    generator: parseGenerator(read),
    telemetry: parseTelemetry(read),
  };
  if (settings.model !== undefined && settings.remoteEmbedder !== undefined) {
    read.faults.push(`${read.shown("ISTHMUS_MODEL")} and ISTHMUS_EMBEDDING_URL are both set; set one of them.`);
  }
  return settings;
}

function parseOcr(read: SettingsReader): string | undefined {
  const chosen = read.choice("ISTHMUS_OCR", ["off", "tesseract"], "off");
  const languages = read.text("ISTHMUS_OCR_LANGUAGES") ?? "eng";
  if (!/^\w+(?:\+\w+)*$/.test(languages)) {
    read.faults.push(
      `${read.shown("ISTHMUS_OCR_LANGUAGES")} is ${JSON.stringify(languages)}; it is tesseract's names of languages joined by +, such as deu+eng.`,
    );
  }
  return chosen === "off" ? undefined : languages;
}

function parseRemoteEmbedder(read: SettingsReader): RemoteEmbedderSettings | undefined {
  const url = read.url("ISTHMUS_EMBEDDING_URL", undefined);
  read.refuseCredentials("ISTHMUS_EMBEDDING_URL", "give the key as ISTHMUS_EMBEDDING_API_KEY");
  const apiKey = read.secret("ISTHMUS_EMBEDDING_API_KEY");
  const model = read.text("ISTHMUS_EMBEDDING_MODEL");
  const dimensions = read.integer("ISTHMUS_EMBEDDING_DIMENSIONS", 0, 1, 8192);
  const maxTokens = read.integer("ISTHMUS_EMBEDDING_MAX_TOKENS", 256, 16, 8192);
  const maxBatch = read.integer("ISTHMUS_EMBEDDING_MAX_BATCH", 32, 1, 2048);
  if (url === undefined) return undefined;
  if (model === undefined) read.faults.push("ISTHMUS_EMBEDDING_URL is set, but ISTHMUS_EMBEDDING_MODEL is not.");
  if (dimensions === 0) {
    read.faults.push(
      "ISTHMUS_EMBEDDING_URL is set, but ISTHMUS_EMBEDDING_DIMENSIONS is not; it is the length of the model's vectors.",
    );
  }
  return { url, apiKey, model: model ?? "", dimensions, maxTokens, maxBatch };
}

/** Keys are parted by commas or line breaks; two are live while they are rotated. */
function parseKeys(value: string | undefined): string[] {
  return (value ?? "")
    .split(/[,\n]/)
    .map((key) => key.trim())
    .filter((key) => key !== "");
}
