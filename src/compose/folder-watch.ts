import { createFolderChanges, type FolderChanges } from "../adapters/source/folder-changes.ts";
import type { Settings } from "../config/settings.ts";
import type { IsthmusError } from "../core/errors.ts";
import { ownFolder, pathOf } from "./source.ts";

/** The changes of the folder or file that `openSource` reads, by the same rules. Those of a bucket: `notifications.ts`. */
export function watchLocation(
  location: string,
  settings: Settings,
  onError: (error: IsthmusError) => void,
): FolderChanges {
  const options = { exclude: [settings.dataDir], own: ownFolder(settings.dataDir) };
  return createFolderChanges(pathOf(location), onError, options);
}
