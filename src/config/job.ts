import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseBucketLocation } from "./gcs.ts";
import { readSettings } from "./parse.ts";
import { createReader, type Environment, type SettingsReader } from "./read.ts";
import type { Settings } from "./settings.ts";

/** Settings of the ingestion Job: those of every command, and its own. */
export interface JobSettings {
  readonly settings: Settings;
  /** `GCS_BUCKET_NAME` and `SOURCE_BLOB_NAME` (an object, a prefix ending in "/", or nothing) as `gs://bucket/name`. */
  readonly location: string;
  /** `JOB_COMPLETION_INDEX`, which Kubernetes sets, of `ISTHMUS_JOB_COMPLETIONS`; undefined for one pod alone. */
  readonly shard: { readonly index: number; readonly count: number } | undefined;
  /** `ISTHMUS_GRACE_SECONDS` in milliseconds; default 25 of Kubernetes' 30 seconds. */
  readonly graceMs: number;
  /** `ISTHMUS_RETRY_FAILED`: try documents again that failed three times. */
  readonly retryFailed: boolean;
  /**
   * `HOST` and `PORT`, where `/metrics` is answered with `ISTHMUS_METRICS=true`; default 0.0.0.0 and 8080, 0 picks a free port.
   * `ISTHMUS_METRICS_LAST_LOOK_SECONDS` in milliseconds: so long a run that is through waits for one more look at its numbers; default 0.
   */
  readonly metrics: { readonly host: string; readonly port: number; readonly lastLookMs: number };
}

const mostPods = 100_000;

/** @throws `config_invalid` naming every fault at once. */
export function parseJobSettings(environment: Environment): JobSettings {
  const read = createReader(environment);
  // Nothing of it stays: the listing of the run alone lies there.
  const settings = readSettings(read, { dataDir: join(tmpdir(), "isthmus"), store: "weaviate" });
  if (settings.weaviate === undefined && read.text("ISTHMUS_DATA_DIR") === undefined) {
    read.faults.push("ISTHMUS_STORE is sqlite, but ISTHMUS_DATA_DIR is not set; it is the folder of the index.");
  }
  return read.checked({
    settings,
    location: parseBucketLocation(read),
    shard: parseShard(read),
    graceMs: read.integer("ISTHMUS_GRACE_SECONDS", 25, 1, 3600) * 1000,
    retryFailed: read.flag("ISTHMUS_RETRY_FAILED"),
    metrics: {
      host: read.text("HOST") ?? "0.0.0.0",
      port: read.integer("PORT", 8080, 0, 65_535),
      lastLookMs: read.integer("ISTHMUS_METRICS_LAST_LOOK_SECONDS", 0, 0, 600) * 1000,
    },
  });
}

/** Half a sharding is dangerous: pods would do each other's work, or leave some of it undone. */
function parseShard(read: SettingsReader): JobSettings["shard"] {
  const given = read.text("JOB_COMPLETION_INDEX");
  const index = read.integer("JOB_COMPLETION_INDEX", 0, 0, mostPods - 1);
  const count = read.integer("ISTHMUS_JOB_COMPLETIONS", 1, 1, mostPods);
  if (count > 1 && given === undefined) {
    read.faults.push(
      `ISTHMUS_JOB_COMPLETIONS is ${count}, but JOB_COMPLETION_INDEX is not set; the Job needs completionMode: Indexed.`,
    );
  }
  if (index >= count) {
    read.faults.push(
      `JOB_COMPLETION_INDEX is ${index}, but ISTHMUS_JOB_COMPLETIONS is ${count}; it is the Job's own number of completions.`,
    );
  }
  return count === 1 ? undefined : { index, count };
}
