import { stderr } from "node:process";

/** One line that says what is going on; on a terminal it is overwritten, in a pipe each step is a line of its own. */
export interface Progress {
  tell(what: string): void;
  /** Removes the line from a terminal. */
  clear(): void;
}

export function createProgress(bench: string): Progress {
  return {
    tell(what) {
      const line = `${bench}: ${what}`;
      if (stderr.isTTY) stderr.write(`\r\u001B[2K${line.slice(0, stderr.columns - 1)}`);
      else stderr.write(`${line}\n`);
    },
    clear() {
      if (stderr.isTTY) stderr.write("\r\u001B[2K");
    },
  };
}
