/** A document or a record that the ingestion Job could not take, as its log says it. */
export interface FailedDocument {
  readonly uri: string;
  readonly code: string;
}

/** Reads the Job's log lines: src/entry/job writes one for each failure, with its URI and the code of its error. */
export function failedDocument(line: string): FailedDocument | undefined {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    // Node itself, or the image's loader, spoke.
    return undefined;
  }
  const { severity, uri, record, code } = (entry ?? {}) as Readonly<Record<string, unknown>>;
  if (severity !== "WARNING" || typeof uri !== "string") return undefined;
  return { uri: record === undefined ? uri : `${uri}#${record}`, code: String(code ?? "unknown") };
}
