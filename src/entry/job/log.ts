import { framesOf, toIsthmusError } from "../../core/errors.ts";

/** As Cloud Logging names them: https://cloud.google.com/logging/docs/structured-logging */
export type Severity = "INFO" | "NOTICE" | "WARNING" | "ERROR";

/** Structured logs: one JSON object a line, with `time`, `severity`, `message` and the fields of the entry. */
export interface JobLog {
  /** @param fields in snake_case; no secrets, no text of documents. */
  write(severity: Severity, message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** From now on each entry also has what this gives: the trace and the span that it belongs to. */
  correlate(ids: (() => Readonly<Record<string, string>>) | undefined): void;
}

export function createJobLog(write: (line: string) => void, now: () => Date = () => new Date()): JobLog {
  let ids: (() => Readonly<Record<string, string>>) | undefined;
  return {
    correlate(given) {
      ids = given;
    },
    write(severity, message, fields = {}) {
      write(`${JSON.stringify({ time: now().toISOString(), severity, message, ...ids?.(), ...fields })}\n`);
    },
  };
}

/**
 * Makes entries of what libraries warn of, and of what nobody caught, which ends the process with 1: Node's own lines are no JSON, and say
 * all that was thrown, which may be a document's.
 */
export function logTheRest(log: JobLog): void {
  process.removeAllListeners("warning");
  process.on("warning", (warning: Error & { readonly code?: string }) => {
    const { name, code } = warning;
    // Of what is new in Node, such as its SQLite: chosen, and told with every start.
    if (name === "ExperimentalWarning") return;
    log.write("WARNING", `A library or Node.js warned: ${name}`, {
      ...(code !== undefined && { code }),
      stack: framesOf(warning),
    });
  });
  process.on("uncaughtException", (thrown) => {
    const { code, message } = toIsthmusError(thrown);
    log.write("ERROR", message, { code, stack: framesOf(thrown) });
    process.exit(1);
  });
}
