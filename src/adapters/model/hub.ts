import { IsthmusError } from "../../core/errors.ts";
import { record } from "../../core/record.ts";
import { shownAddress } from "../../core/redact.ts";
import { retrying } from "../../core/retry.ts";
import { ONNX_FILES, PROMPTS_FILE } from "./description.ts";
import { get, retryPolicy, type Transfer } from "./transfer.ts";

/** `org/name@revision`, taken apart. */
export interface ModelSpec {
  readonly name: string;
  /** A branch, a tag or a commit; "main" where none is named. */
  readonly revision: string;
}

/** A file of a repository on the hub, with what its content can be checked by. */
export interface HubFile {
  readonly path: string;
  readonly size: number;
  /** Large files carry the SHA-256 of their content, others the SHA-1 of their git blob. */
  readonly digest: { readonly algorithm: "sha256" | "git-blob"; readonly hex: string };
}

export interface HubModel {
  /** The commit that the revision named: 40 hex digits. */
  readonly commit: string;
  readonly files: readonly HubFile[];
}

/** @throws `config_invalid` for another form. */
export function parseModelSpec(spec: string): ModelSpec {
  const [, name, revision = "main"] = /^([\w-][\w.-]*\/[\w-][\w.-]*)(?:@([\w-][\w./-]*))?$/.exec(spec) ?? [];
  if (name === undefined || revision.includes("..")) {
    throw new IsthmusError(
      "config_invalid",
      `The model "${spec}" is not of the form org/name@revision, for example BAAI/bge-small-en-v1.5@main.`,
      { field: "ISTHMUS_MODEL" },
    );
  }
  return { name, revision };
}

/**
 * Asks the hub which commit a revision is, and what is in it (`GET /api/models/{name}/revision/{revision}?blobs=true`).
 * Of several graphs the first of `ONNX_FILES` is taken.
 * @throws `model_missing`, `model_unsupported`, `model_fetch_failed`
 */
export async function resolveModel(hubUrl: string, spec: ModelSpec, transfer: Transfer): Promise<HubModel> {
  const url = `${hubUrl}/api/models/${spec.name}/revision/${encodeURIComponent(spec.revision)}?blobs=true`;
  const answer: unknown = await retrying(async () => (await get(url, transfer)).json(), retryPolicy(transfer));
  const { sha, siblings } = record(answer);
  if (typeof sha !== "string" || !/^[0-9a-f]{40}$/.test(sha) || !Array.isArray(siblings)) {
    throw new IsthmusError(
      "model_fetch_failed",
      `${shownAddress(hubUrl)} did not answer like a Hugging Face hub. Check ISTHMUS_HUB_URL.`,
    );
  }
  const paths = new Set(siblings.map((sibling) => String(record(sibling)["rfilename"])));
  const wanted = new Set([...OPTIONAL_FILES, "tokenizer.json", "config.json", chooseOnnxFile(paths, spec)]);
  for (const path of ["tokenizer.json", "config.json"]) if (!paths.has(path)) throw lacks(spec, path);
  return {
    commit: sha,
    files: siblings
      .filter((sibling) => wanted.has(String(record(sibling)["rfilename"])))
      .map((sibling) => hubFile(sibling, spec)),
  };
}

const OPTIONAL_FILES = [
  "tokenizer_config.json",
  "sentence_bert_config.json",
  "1_Pooling/config.json",
  "modules.json",
  PROMPTS_FILE,
];

/** fp32 comes first: it is the model as published, on every processor. */
function chooseOnnxFile(paths: ReadonlySet<string>, spec: ModelSpec): string {
  const chosen = ONNX_FILES.find((path) => paths.has(path));
  if (chosen === undefined) throw lacks(spec, "onnx/model.onnx");
  if (paths.has(`${chosen}_data`)) {
    throw new IsthmusError(
      "model_unsupported",
      `${spec.name} keeps its weights outside ${chosen} (over 2 GB). Choose a smaller model.`,
    );
  }
  return chosen;
}

function hubFile(sibling: unknown, spec: ModelSpec): HubFile {
  const { rfilename, size, blobId, lfs } = record(sibling);
  const { sha256, size: lfsSize } = record(lfs);
  const path = String(rfilename);
  const bytes = Number(lfsSize ?? size);
  if (Number.isSafeInteger(bytes) && typeof sha256 === "string")
    return { path, size: bytes, digest: { algorithm: "sha256", hex: sha256 } };
  if (Number.isSafeInteger(bytes) && typeof blobId === "string")
    return { path, size: bytes, digest: { algorithm: "git-blob", hex: blobId } };
  throw new IsthmusError(
    "model_fetch_failed",
    `The hub gives no size and checksum for ${path} of ${spec.name}, so it cannot be trusted.`,
  );
}

function lacks(spec: ModelSpec, path: string): IsthmusError {
  return new IsthmusError(
    "model_unsupported",
    `${spec.name}@${spec.revision} has no ${path}. Choose a sentence-transformers model with an ONNX export.`,
  );
}
