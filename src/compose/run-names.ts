const RECORD = /^run-(\d+)\.json(\.new)?$/;

/** Whether a name in the data folder is that of a run's record (runs.ts, which the ingestion Job does not carry). */
export function isRunRecord(name: string): boolean {
  return RECORD.test(name);
}
