import type { GcsSettings } from "./gcs.ts";
import type { GeneratorSettings } from "./generator.ts";
import type { TelemetrySettings } from "./telemetry.ts";
import type { WeaviateAccess } from "./weaviate.ts";

/** Settings of the local commands, as parsed from the environment by `parseSettings`. */
export interface Settings {
  /** `ISTHMUS_DATA_DIR`, absolute; default `.isthmus` in the current folder. Holds all local state. */
  readonly dataDir: string;
  /** `PORT`, default 3000; 0 picks a free one. */
  readonly port: number;
  /** `HOST`, default 127.0.0.1. Anything but loopback needs `apiKeys`. */
  readonly host: string;
  /** `ISTHMUS_API_KEYS` (comma separated) or `ISTHMUS_API_KEYS_FILE` (one a line): keys that clients send as `x-api-key` or `authorization: Bearer`. */
  readonly apiKeys: readonly string[];
  /** `ISTHMUS_WRITE_KEYS` or `ISTHMUS_WRITE_KEYS_FILE`, likewise: keys that may also add, read again and delete documents. */
  readonly writeKeys: readonly string[];
  /** `ISTHMUS_WORKERS`: embedding workers; default one a core. */
  readonly workers: number;
  /** `ISTHMUS_MODEL` as `org/name@revision`; undefined is the model that ships. */
  readonly model: string | undefined;
  /** `ISTHMUS_HUB_URL`, default https://huggingface.co */
  readonly hubUrl: string;
  /** Set when `ISTHMUS_EMBEDDING_URL` names an OpenAI-compatible endpoint. */
  readonly remoteEmbedder: RemoteEmbedderSettings | undefined;
  /** `DOCUMENT_FORMAT`: `auto` (by type) or `lines` (text files hold one document a line). */
  readonly format: "auto" | "lines";
  /** `ISTHMUS_MAX_FILE_BYTES`: limit of files that are one document; default 32 MiB. */
  readonly maxFileBytes: number;
  /** `ISTHMUS_MAX_RECORD_BYTES`: limit of one record in files of many; default 1 MiB. */
  readonly maxRecordBytes: number;
  /** `ISTHMUS_MAX_UPLOADS_BYTES`: of all files together that came over HTTP; default 10 GiB. */
  readonly maxUploadsBytes: number;
  /** Set when `ISTHMUS_OCR` is `tesseract`: `ISTHMUS_OCR_LANGUAGES`, default `eng`. Else pictures are not read. */
  readonly ocrLanguages: string | undefined;
  /** `ISTHMUS_RANGE_KEYS`, comma separated: metadata keys that filters may use in ranges. */
  readonly rangeKeys: readonly string[];
  /** For `gs://` sources. */
  readonly gcs: GcsSettings;
  /** `ISTHMUS_ALLOW_MASS_DELETE`. */
  readonly allowMassDelete: boolean;
  /** Set when `ISTHMUS_STORE` is `weaviate`; else the index is the SQLite file in the data folder. */
  readonly weaviate: WeaviateAccess | undefined;
  /** `ISTHMUS_MAX_CONCURRENCY`: requests answered at once; more wait or get 429. Default 16. */
  readonly maxConcurrency: number;
  /** `ISTHMUS_LOG`: what a server tells of its requests: `text`, its failures for people; `json`, every request as a line. Default text. */
  readonly log?: "text" | "json";
  /** Set when `ISTHMUS_GENERATOR` names a language model; else the documents' own sentences answer. */
  readonly generator: GeneratorSettings | undefined;
  /** Absent where no telemetry is wanted. */
  readonly telemetry?: TelemetrySettings | undefined;
}

export interface RemoteEmbedderSettings {
  /** Base URL up to and including `/v1`. */
  readonly url: string;
  /** `ISTHMUS_EMBEDDING_API_KEY` or `ISTHMUS_EMBEDDING_API_KEY_FILE`. */
  readonly apiKey: string | undefined;
  /** `ISTHMUS_EMBEDDING_MODEL`. */
  readonly model: string;
  /** `ISTHMUS_EMBEDDING_DIMENSIONS`. */
  readonly dimensions: number;
  /** `ISTHMUS_EMBEDDING_MAX_TOKENS`, default 256. */
  readonly maxTokens: number;
  /** `ISTHMUS_EMBEDDING_MAX_BATCH`, default 32. */
  readonly maxBatch: number;
}
