import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { IsthmusError } from "../../core/errors.ts";
import { CHECKSUM_FILE, parseChecksums, sha256 } from "./checksums.ts";

/** A folder with an ONNX model, its tokenizer and its configuration, all named in its `SHA256SUMS`. */
export interface ModelFolder {
  readonly directory: string;
  /** Relative path with forward slashes -> SHA-256 in hex. */
  readonly checksums: ReadonlyMap<string, string>;
  has(file: string): boolean;
  /**
   * The whole file, read once: the bytes that are returned are those whose checksum was compared.
   * @throws `model_missing`, `model_damaged`
   */
  read(file: string): Promise<Uint8Array<ArrayBuffer>>;
}

const REMEDY =
  "For a downloaded model run `isthmus model fetch`; for the one that ships restore the folder from the repository or reinstall the package";

/** @throws `model_missing` where there is no model folder, `model_damaged` where its checksum file cannot be read. */
export async function openModelFolder(directory: string): Promise<ModelFolder> {
  const text = await readFile(join(directory, CHECKSUM_FILE), "utf8").catch((cause: unknown) => {
    throw new IsthmusError("model_missing", `No model in ${directory} (no ${CHECKSUM_FILE} there). ${REMEDY}.`, {
      cause,
    });
  });
  const checksums = parseChecksums(text);
  if (checksums === undefined) throw damaged(directory, CHECKSUM_FILE);
  return {
    directory,
    checksums,
    has: (file) => checksums.has(file),
    async read(file) {
      const expected = checksums.get(file);
      if (expected === undefined) throw missing(directory, file);
      const bytes = await readFile(join(directory, file)).catch((cause: unknown) => {
        throw unreadable(directory, file, cause);
      });
      if (sha256(bytes) !== expected) throw damaged(directory, file);
      return bytes;
    },
  };
}

function missing(directory: string, file: string, cause?: unknown): IsthmusError {
  return new IsthmusError("model_missing", `The model in ${directory} lacks ${file}. ${REMEDY}.`, { cause });
}

export function damaged(directory: string, file: string, cause?: unknown): IsthmusError {
  return new IsthmusError(
    "model_damaged",
    `The model file ${join(directory, file)} is damaged: it does not match ${CHECKSUM_FILE}. ${REMEDY}.`,
    { cause },
  );
}

export function unreadable(directory: string, file: string, cause: unknown): IsthmusError {
  const absent = cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR");
  return absent ? missing(directory, file, cause) : damaged(directory, file, cause);
}
