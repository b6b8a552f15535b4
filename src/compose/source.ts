import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createDirectorySource } from "../adapters/source/directory.ts";
import { watchSource } from "../adapters/source/watch.ts";
import type { SourceWatch, WatchListener } from "../adapters/source/watch-types.ts";
import type { Settings } from "../config/settings.ts";
import { IsthmusError } from "../core/errors.ts";
import type { Source } from "../core/ports.ts";
import { packageRoot } from "./package.ts";

/** What a bare `isthmus start` indexes: the project's own documentation. */
export function sampleLocations(): string[] {
  return [join(packageRoot(), "docs"), join(packageRoot(), "README.md")].filter((path) => existsSync(path));
}

/** Opens what a person names: a folder or a file. */
export async function openSource(location: string, settings: Settings): Promise<Source> {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(location) && !location.startsWith("file://")) {
    const scheme = location.slice(0, location.indexOf(":"));
    throw new IsthmusError(
      "config_invalid",
      `${location}: ${scheme}:// sources are not supported yet; name a file or a folder.`,
    );
  }
  return await createDirectorySource(location, {
    cacheFile: join(settings.dataDir, "scan.sqlite"),
    exclude: [settings.dataDir],
  });
}

/** Watches what `openSource` reads, by the same rules. */
export function watchLocation(location: string, settings: Settings, listener: WatchListener): SourceWatch {
  return watchSource(location, listener, { exclude: [settings.dataDir] });
}

/** A path as the URI that its documents have; a URI stays as it is. A folder that is gone keeps its trailing slash. */
export function toUri(location: string): string {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(location)) return location;
  const uri = pathToFileURL(resolve(location)).href;
  return /[\\/]$/.test(location) && !uri.endsWith("/") ? `${uri}/` : uri;
}
