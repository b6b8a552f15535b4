import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createDirectorySource } from "../adapters/source/directory.ts";
import { watchSource } from "../adapters/source/watch.ts";
import type { SourceWatch, WatchListener } from "../adapters/source/watch-types.ts";
import type { Settings } from "../config/settings.ts";
import { IsthmusError } from "../core/errors.ts";
import type { Source } from "../core/ports.ts";
import { toUri } from "./location.ts";

/** Opens what a person names: a folder or a file. */
export async function openSource(location: string, settings: Settings): Promise<Source> {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(location) && !location.startsWith("file://")) {
    const scheme = location.slice(0, location.indexOf(":"));
    throw new IsthmusError(
      "config_invalid",
      `${location}: ${scheme}:// sources are not supported yet; name a file or a folder.`,
    );
  }
  return await createDirectorySource(pathOf(location), {
    cacheFile: join(settings.dataDir, "scan.sqlite"),
    exclude: [settings.dataDir],
  });
}

/** Watches what `openSource` reads, by the same rules. */
export function watchLocation(location: string, settings: Settings, listener: WatchListener): SourceWatch {
  return watchSource(pathOf(location), listener, { exclude: [settings.dataDir] });
}

function pathOf(location: string): string {
  return location.startsWith("file://") ? fileURLToPath(toUri(location)) : location;
}
