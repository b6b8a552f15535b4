import { stderr } from "node:process";

/** One line that says what is going on: overwritten on a terminal; in a pipe or a log, a line now and then. */
export interface Progress {
  tell(what: string): void;
  /** Removes the line from a terminal. */
  clear(): void;
}

/** Where the line goes: the standard error stream, as far as it is used. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** The least time between two lines where they are not overwritten. */
const quietMs = 30_000;
const eraseLine = "\r\u001B[2K";

/** @param title what stands before each step: the bench, which of how many it is, and how long all of them still take. */
export function createProgress(
  title: () => string,
  output: ProgressOutput = stderr,
  now: () => number = () => performance.now(),
): Progress {
  let toldAt = Number.NEGATIVE_INFINITY;
  let waiting: NodeJS.Timeout | undefined;
  return {
    tell(what) {
      const line = `${title()}: ${what}`;
      if (output.isTTY === true) {
        output.write(`${eraseLine}${line.slice(0, (output.columns ?? 80) - 1)}`);
        return;
      }
      clearTimeout(waiting);
      const write = () => {
        toldAt = now();
        output.write(`${line}\n`);
      };
      const wait = toldAt + quietMs - now();
      if (wait <= 0) write();
      // A step that begins soon after another one may be the long one.
      else waiting = setTimeout(write, wait).unref();
    },
    clear() {
      clearTimeout(waiting);
      if (output.isTTY === true) output.write(eraseLine);
    },
  };
}
