import { exit, stderr, stdout } from "node:process";
import { UsageError } from "./options.ts";

/**
 * What somebody asked for. Ends the process with the usage where that was asked for, or where the words cannot be understood.
 *
 * @param parse of the words. @throws UsageError
 */
export function understood<Wanted extends { readonly help: boolean }>(parse: () => Wanted, usage: string): Wanted {
  try {
    const wanted = parse();
    if (!wanted.help) return wanted;
    stdout.write(usage);
    return exit(0);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    stderr.write(`${error.message}\n\n${usage}`);
    return exit(1);
  }
}

/** Whoever has seen enough is left with no server and no gigabytes: what was started or made goes with "exit". */
export function endOnSignals(): void {
  process.once("SIGINT", () => exit(130));
  process.once("SIGTERM", () => exit(143));
}
