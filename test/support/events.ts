import { spawn } from "node:child_process";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createEnglishAnalyzer } from "../../src/adapters/lexical/english.ts";
import type { Irrelevance } from "../../src/adapters/pubsub/notification.ts";
import { openIngestEngine } from "../../src/compose/ingest-engine.ts";
import { followBucket } from "../../src/compose/notifications.ts";
import { openSource } from "../../src/compose/source.ts";
import { openStore } from "../../src/compose/store.ts";
import type { Environment } from "../../src/config/read.ts";
import { parseWorkerSettings } from "../../src/config/worker.ts";
import type { HintResult } from "../../src/core/ingest/hints.ts";
import type { Analyzer, Embedder, Store, StoreReader } from "../../src/core/ports.ts";
import type { FakeGcs } from "../peers/fake-gcs.ts";
import { type PubSub, subscriptionOf, topicOf } from "../peers/pubsub.ts";
import type { Weaviate } from "../peers/weaviate.ts";
import { eventually, type Running, track } from "./cli.ts";
import { dumpIndex } from "./dump-index.ts";
import type { Failpoint } from "./failpoint.ts";
import { createHashEmbedder } from "./hash-embedder.ts";
import { workAsJob } from "./job-work.ts";

/** A bucket whose notifications come to a subscription of its name. */
export interface EventPlace {
  readonly bucket: string;
  readonly environment: Readonly<Record<string, string>>;
}

export async function createEventPlace(
  { gcs, pubSub, weaviate }: { readonly gcs: FakeGcs; readonly pubSub: PubSub; readonly weaviate: Weaviate },
  bucket: string,
): Promise<EventPlace> {
  await gcs.createBucket(bucket);
  await pubSub.create(bucket);
  await gcs.notify(bucket, topicOf(bucket));
  return {
    bucket,
    environment: {
      GCS_BUCKET_NAME: bucket,
      STORAGE_EMULATOR_HOST: gcs.url,
      PUBSUB_EMULATOR_HOST: pubSub.host,
      ISTHMUS_SUBSCRIPTION: subscriptionOf(bucket),
      ISTHMUS_LEASE_SECONDS: "10",
      ISTHMUS_ALLOW_MASS_DELETE: "true",
      WEAVIATE_URL: weaviate.url,
      WEAVIATE_GRPC_URL: weaviate.grpcUrl,
      WEAVIATE_API_KEY: weaviate.keys.admin,
      ISTHMUS_REPLICATION_FACTOR: "1",
      ISTHMUS_COLLECTION: collectionOf(bucket),
    },
  };
}

function collectionOf(bucket: string): string {
  return `Events${bucket.replaceAll(/\W/g, "_")}`;
}

export interface WorkerParts {
  readonly embedder?: Embedder;
  readonly analyzer?: Analyzer;
  readonly wrapStore?: (store: Store) => Store;
}

/** A worker inside this process, configured as the real one is, with an embedder that needs no model. */
export interface EventWorker {
  readonly results: readonly HintResult[];
  /** Changes that ended; several may have had one result. */
  readonly ended: number;
  readonly irrelevant: readonly Irrelevance[];
  /** Codes of what it waited for. */
  readonly pauses: readonly string[];
  /** Ends as at SIGTERM. */
  stop(): Promise<void>;
}

export async function startEventWorker(environment: Environment, parts: WorkerParts = {}): Promise<EventWorker> {
  const { settings, location, queue } = parseWorkerSettings(environment);
  const { wrapStore = (store: Store) => store } = parts;
  const source = await openSource(location, settings);
  const engine = await openIngestEngine({
    settings,
    embedder: parts.embedder ?? createHashEmbedder(),
    analyzer: parts.analyzer ?? createEnglishAnalyzer(),
    store: wrapStore(openStore(settings)),
    close: async () => {},
  });
  const results: HintResult[] = [];
  let count = 0;
  const irrelevant: Irrelevance[] = [];
  const pauses: string[] = [];
  const stopping = new AbortController();
  const ended = followBucket({
    engine,
    source,
    queue,
    allowMassDelete: settings.allowMassDelete,
    notifications: { onIrrelevant: (why) => void irrelevant.push(why) },
    listener: {
      result(result, changes) {
        results.push(result);
        count += changes.length;
      },
      paused: ({ code }) => void pauses.push(code),
    },
    stopping: stopping.signal,
    signal: new AbortController().signal,
  });
  ended.catch(() => {}); // Told by `stop`.
  let stopped: Promise<void> | undefined;
  return {
    results,
    get ended() {
      return count;
    },
    irrelevant,
    pauses,
    stop() {
      stopping.abort();
      stopped ??= ended.finally(() => engine.close()).finally(() => source.close());
      return stopped;
    },
  };
}

/** For the length of a test, however it ends. */
export async function workerFor(
  context: TestContext,
  environment: Environment,
  parts?: WorkerParts,
): Promise<EventWorker> {
  const worker = await startEventWorker(environment, parts);
  context.after(() => worker.stop());
  return worker;
}

/** A worker in a process of its own, which dies at the failpoint. */
export function startChild({ environment }: EventPlace, failpoint?: Failpoint): Running {
  const program = join(import.meta.dirname, "../events/worker-child.ts");
  const given = failpoint === undefined ? [] : [JSON.stringify(failpoint)];
  const args = ["--disable-warning=ExperimentalWarning", program, ...given];
  return track(spawn(process.execPath, args, { env: environment }));
}

/** What an index of this place says. */
export async function indexOf(environment: Environment): Promise<unknown[]> {
  return await readIndex(environment, dumpIndex);
}

export async function readIndex<Result>(
  environment: Environment,
  use: (reader: StoreReader) => Promise<Result>,
): Promise<Result> {
  const reader = await openStore(parseWorkerSettings(environment).settings).openReader(createHashEmbedder().identity);
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

/** Documents that are indexed; none where nothing was ever written. */
export async function documentsIn(environment: Environment): Promise<number> {
  return await readIndex(environment, async (reader) => (await reader.count("")).documents).catch(() => 0);
}

/** What a fresh index of the bucket says, made by one run. */
export async function freshIndex({ environment, bucket }: EventPlace, name: string): Promise<unknown[]> {
  const fresh = { ...environment, ISTHMUS_COLLECTION: `${collectionOf(bucket)}Fresh${name}` };
  await workAsJob(fresh);
  return await indexOf(fresh);
}

/** Waits until the workers have made the index the same as a fresh one. */
export async function untilTrue(place: EventPlace, name = ""): Promise<void> {
  const expected = JSON.stringify(await freshIndex(place, name));
  await eventually(
    async () => JSON.stringify(await indexOf(place.environment).catch(() => [])),
    (dump) => dump === expected,
  );
}
