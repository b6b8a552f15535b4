import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Queue } from "./events.ts";
import { parseBucketLocation, parsePubSub } from "./gcs.ts";
import { readSettings } from "./parse.ts";
import { createReader, type Environment } from "./read.ts";
import type { Settings } from "./settings.ts";

/** Settings of the worker that follows a bucket: those of every command, and its own. */
export interface WorkerSettings {
  readonly settings: Settings;
  /** `GCS_BUCKET_NAME` and `SOURCE_BLOB_NAME` (an object, a prefix ending in "/", or nothing) as `gs://bucket/name`. */
  readonly location: string;
  readonly queue: Queue;
  /** `ISTHMUS_GRACE_SECONDS` in milliseconds; default 25 of Kubernetes' 30 seconds. */
  readonly graceMs: number;
  /** `HOST` and `PORT`, where `/healthz` and `/readyz` are answered; default 0.0.0.0 and 8080, 0 picks a free port. */
  readonly health: { readonly host: string; readonly port: number };
}

/** @throws `config_invalid` naming every fault at once. */
export function parseWorkerSettings(environment: Environment): WorkerSettings {
  const read = createReader(environment);
  const settings = readSettings(read, { dataDir: join(tmpdir(), "isthmus"), store: "weaviate" });
  if (settings.weaviate === undefined && read.text("ISTHMUS_DATA_DIR") === undefined) {
    read.faults.push("ISTHMUS_STORE is sqlite, but ISTHMUS_DATA_DIR is not set; it is the folder of the index.");
  }
  const queue = parsePubSub(read);
  if (read.text("ISTHMUS_SUBSCRIPTION") === undefined) {
    read.faults.push(
      "ISTHMUS_SUBSCRIPTION is not set; it is the Pub/Sub subscription with the bucket's notifications, projects/PROJECT/subscriptions/NAME.",
    );
  }
  return read.checked({
    settings,
    location: parseBucketLocation(read),
    queue: { ...queue, subscription: queue.subscription ?? "" },
    graceMs: read.integer("ISTHMUS_GRACE_SECONDS", 25, 1, 3600) * 1000,
    health: { host: read.text("HOST") ?? "0.0.0.0", port: read.integer("PORT", 8080, 0, 65_535) },
  });
}
