import { IsthmusError, nameOf } from "../../../core/errors.ts";

// Primary result codes: https://www.sqlite.org/rescode.html
const ERROR = 1;
const PERMISSION = 3;
const BUSY = 5;
const LOCKED = 6;
const READ_ONLY = 8;
const IO = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;
/** Extended codes of IO that mean "could not be written": a quota, a limit of file size, a full volume. */
const UNWRITABLE = new Set([778, 1034, 1546, 4874, 5130]);

/** Thrown where what a row holds cannot be: the message is a clause that says what, and quotes nothing of it. */
export class DamagedIndex extends Error {
  override readonly name = "DamagedIndex";
}

/** Turns whatever SQLite threw into an error that says what to do; an `IsthmusError` passes. `file` is the index. */
export function storeFailure(thrown: unknown, file: string): IsthmusError {
  if (thrown instanceof IsthmusError) return thrown;
  if (thrown instanceof DamagedIndex) return corrupt(file, thrown.message, thrown);
  if (isDamage(thrown)) return corrupt(file, "a row of it does not hold what was written", thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const extended = sqliteCode(thrown);
  const primary = extended === undefined ? undefined : extended & 0xff;
  const details = { cause: thrown };
  if (primary === CORRUPT || primary === NOT_A_DATABASE) return corrupt(file, message, thrown);
  if (primary === FULL || (extended !== undefined && UNWRITABLE.has(extended))) {
    const text = `The index ${file} could not be written: ${message}. Nothing that was committed is lost. Free some disk space, or lift the quota, and run again.`;
    return new IsthmusError("store_full", text, details);
  }
  if (primary === BUSY || primary === LOCKED) {
    return new IsthmusError("store_unavailable", `The index ${file} is busy: ${message}. Try again.`, details);
  }
  if (primary === READ_ONLY || primary === PERMISSION || primary === CANNOT_OPEN) {
    const text = `The index ${file} cannot be opened or written: ${message}. Give this user access to its folder, or name another one in ISTHMUS_DATA_DIR.`;
    return new IsthmusError("store_denied", text, details);
  }
  if (primary === IO) {
    return new IsthmusError(
      "store_unavailable",
      `The index ${file} could not be read or written: ${message}.`,
      details,
    );
  }
  // A statement or our own code is wrong: the words may quote what was bound or read.
  const name = extended === undefined ? nameOf(thrown) : `SQLite code ${extended}`;
  return new IsthmusError("internal", `The index ${file} failed (${name}).`, details);
}

/**
 * What a flipped bit looks like where the pages themselves are in order: JSON that is none, an integer that nobody wrote, or a
 * schema that no longer fits the statements. These are all our own, and run on every file that is whole.
 */
function isDamage(thrown: unknown): boolean {
  if (thrown instanceof SyntaxError || sqliteCode(thrown) === ERROR) return true;
  return thrown instanceof Error && "code" in thrown && thrown.code === "ERR_OUT_OF_RANGE";
}

/** The error for a damaged file, with the way out. */
export function corrupt(file: string, reason: string, cause?: unknown): IsthmusError {
  return new IsthmusError(
    "store_corrupt",
    `The index ${file} is damaged: ${reason}. It holds nothing but what the documents hold: move the file away and run isthmus ingest to rebuild it.`,
    cause === undefined ? {} : { cause },
  );
}

/** The error for an index that does not exist yet. */
export function missing(file: string): IsthmusError {
  return new IsthmusError(
    "store_missing",
    `Nothing is indexed yet (${file} does not exist): run isthmus ingest first.`,
  );
}

/** The extended result code of an error that SQLite raised. */
export function sqliteCode(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !("errcode" in thrown)) return undefined;
  return typeof thrown.errcode === "number" ? thrown.errcode : undefined;
}
