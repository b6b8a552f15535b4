import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createDirectorySource } from "../adapters/source/directory.ts";
import type { OwnFolder } from "../adapters/source/own-files.ts";
import { isIndexFile } from "../adapters/store/sqlite/index-files.ts";
import type { Settings } from "../config/settings.ts";
import { IsthmusError } from "../core/errors.ts";
import { type Shard, sharded } from "../core/ingest/sharded.ts";
import type { Source } from "../core/ports.ts";
import { toUri } from "./location.ts";

const scanCache = "scan.sqlite";
/** Bytes of files that are read to tell whether they have changed, by those who only look. */
const hashBytesOfLook = 64 * 2 ** 20;

/** Opens what a person names: a folder, a file, or `gs://bucket`, `gs://bucket/folder/`, `gs://bucket/object`. */
export async function openSource(location: string, settings: Pick<Settings, "dataDir" | "gcs">): Promise<Source> {
  return await open(location, settings, {});
}

/** The same for those who look and write nothing: large files are listed without being read, see `unreadVersion`. */
export async function openLook(location: string, settings: Pick<Settings, "dataDir" | "gcs">): Promise<Source> {
  return await open(location, settings, { hashBytes: hashBytesOfLook });
}

async function open(
  location: string,
  settings: Pick<Settings, "dataDir" | "gcs">,
  options: { readonly hashBytes?: number },
): Promise<Source> {
  const scheme = schemeOf(location);
  if (scheme === "gs") {
    const { createGcsSource } = await import("../adapters/source/gcs.ts");
    return await createGcsSource(location, settings.gcs);
  }
  if (scheme !== undefined) {
    throw new IsthmusError(
      "config_invalid",
      `${location}: ${scheme}:// is no source that can be read; name a file, a folder or gs://bucket/folder/.`,
    );
  }
  const cacheFile = join(settings.dataDir, scanCache);
  return await createDirectorySource(pathOf(location), {
    // Who only looks makes no data folder.
    ...((options.hashBytes === undefined || existsSync(cacheFile)) && { cacheFile }),
    exclude: [settings.dataDir],
    own: ownFolder(settings.dataDir),
    ...options,
  });
}

/** Opens a source, or one shard of it. */
export async function openShard(
  location: string,
  settings: Pick<Settings, "dataDir" | "gcs">,
  shard: Shard | undefined,
): Promise<Source> {
  const source = await openSource(location, settings);
  return shard === undefined ? source : sharded(source, shard);
}

/** Whether the location is a bucket, or something in one. */
export function isBucketLocation(location: string): boolean {
  return schemeOf(location) === "gs";
}

/** Where the data folder is (or lies around) the source, only what is not the program's own is read. */
export function ownFolder(directory: string): OwnFolder {
  return { directory, owns: (name) => isIndexFile(name) || name.startsWith(scanCache) };
}

/** The scheme of a URI that is no file's, in lower case. */
function schemeOf(location: string): string | undefined {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(location)?.[1]?.toLowerCase();
  return scheme === "file" ? undefined : scheme;
}

/** Of a folder or a file on this machine, by its path or its `file:` URI. */
export function pathOf(location: string): string {
  return location.startsWith("file://") ? fileURLToPath(toUri(location)) : location;
}
