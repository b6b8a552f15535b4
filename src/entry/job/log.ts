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
