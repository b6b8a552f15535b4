import { readFile } from "node:fs/promises";
import { IsthmusError } from "../../../core/errors.ts";
import type { KeySource } from "./settings.ts";

/** A key that does not change while the process lives; undefined for a server without keys. */
export function fixedKey(key: string | undefined): KeySource {
  return { current: async () => key, refresh: async () => key };
}

/** A key in a file, as Kubernetes mounts a Secret: the file changes in place when the key is rotated. */
export function keyFromFile(path: string): KeySource {
  const read = async () => {
    try {
      return (await readFile(path, "utf8")).trim();
    } catch (error) {
      throw new IsthmusError("config_invalid", `WEAVIATE_API_KEY_FILE names ${path}, which cannot be read.`, {
        cause: error,
      });
    }
  };
  return { current: read, refresh: read };
}
