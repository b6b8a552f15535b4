import { type ErrorCode, IsthmusError, nameOf } from "../../core/errors.ts";

/** A path as messages show it: quoted, with newlines and other control characters escaped. */
export function quoted(path: string): string {
  return JSON.stringify(path);
}

/** The system's code of a failed call (`ENOENT`, …), if it has one. */
export function systemCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}

/** Whether a call failed because nothing is at its path (any more). */
export function isGone(thrown: unknown): boolean {
  const code = systemCode(thrown);
  return code === "ENOENT" || code === "ENOTDIR";
}

/** Whether a call failed for want of permission. */
export function isDenied(thrown: unknown): boolean {
  const code = systemCode(thrown);
  return code === "EACCES" || code === "EPERM";
}

/** Nothing is at the path that a source was named by. */
export function sourceMissing(path: string, cause?: unknown): IsthmusError {
  return new IsthmusError(
    "source_not_found",
    `The source ${quoted(path)} does not exist: check the path, or mount or restore it.`,
    { cause },
  );
}

/** A failure to read the file or folder at `path`, told with what to do about it. */
export function unreadable(what: "file" | "folder", path: string, thrown: unknown): IsthmusError {
  if (thrown instanceof IsthmusError) return thrown;
  const systems = systemCode(thrown);
  const { code, advice } = explain(what, systems);
  const reason = systems ?? nameOf(thrown);
  return new IsthmusError(code, `The ${what} ${quoted(path)} cannot be read (${reason}): ${advice}`, { cause: thrown });
}

function explain(what: "file" | "folder", systems: string | undefined): { code: ErrorCode; advice: string } {
  switch (systems) {
    case "EACCES":
    case "EPERM": {
      const needed = what === "file" ? "read permission" : "permission to list and enter it";
      return {
        code: "source_unreadable",
        advice: `permission is denied. Give the user that runs Isthmus ${needed}, or move it elsewhere.`,
      };
    }
    case "ELOOP":
      return { code: "source_unreadable", advice: "its symbolic links lead in a circle. Mend or remove the link." };
    case "ENAMETOOLONG":
      return { code: "source_unreadable", advice: "its path is longer than the system allows. Shorten it." };
    case "EMFILE":
    case "ENFILE":
      return {
        code: "source_unavailable",
        advice: "too many files are open. Close some, or raise the limit (ulimit -n).",
      };
    default:
      return {
        code: "source_unavailable",
        advice: "the system could not read it now. Try again; if it stays, check the disk.",
      };
  }
}

/** @throws `cancelled` when the signal has fired. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new IsthmusError("cancelled", "Reading the source was cancelled.", { cause: signal.reason });
}
