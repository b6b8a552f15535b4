import { IsthmusError } from "../../core/errors.ts";
import { quoted, systemCode, unreadable } from "./file-errors.ts";

/** Whether the system refuses to watch any more files: from here on some changes are never told. */
export function isWatchLimit(thrown: unknown): boolean {
  return ["ENOSPC", "EMFILE", "ENFILE"].includes(systemCode(thrown) ?? "");
}

export function watchFailure(root: string, thrown: unknown): IsthmusError {
  if (!isWatchLimit(thrown)) return unreadable("folder", root, thrown);
  return new IsthmusError(
    "source_unavailable",
    `The system's limit of watched files is reached (${systemCode(thrown)}), so not all of ${quoted(root)} is watched; it is scanned now and then instead. To watch it all, raise the limit (Linux: sysctl fs.inotify.max_user_watches and fs.inotify.max_user_instances) and start again.`,
    { cause: thrown },
  );
}

export function watchLost(root: string): IsthmusError {
  return new IsthmusError(
    "source_not_found",
    `The watched folder ${quoted(root)} is gone: the index stays as it is, and watching goes on when the folder is back. To remove its documents, delete them from the index.`,
  );
}
