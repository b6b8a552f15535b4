import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { execPath } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { openRuntime } from "../src/compose/runtime.ts";
import { parseWorkerSettings } from "../src/config/worker.ts";
import type { Manifest } from "../src/core/ports.ts";
import type { ManifestEntry } from "../src/core/types.ts";
import { type FakeGcs, fakeGcsBinary, startFakeGcs } from "../test/peers/fake-gcs.ts";
import { pubSubEmulator, startPubSubEmulator, subscriptionOf, topicOf } from "../test/peers/pubsub.ts";
import type { Bench } from "./bench.ts";
import { drainStorm } from "./events-storm.ts";
import { highWaterMark } from "./proc.ts";
import type { Figure, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { percentile } from "./statistics.ts";
import { makeTexts, passageWords } from "./texts.ts";
import { Unavailable } from "./unavailable.ts";
import { openBenchServer } from "./weaviate.ts";

const perSecond = 10;
const burst = 1_000;
/** Uploads of the burst that are under way at once. */
const uploadsInFlight = 16;
/** Each of the burst ten times. */
const storm = 10 * burst;
/** So often it is looked whether something can be found. */
const lookEveryMs = 20;
const mostLooks = 500;
/** Of a burst all is looked for at once, and seldom, for every look takes its share of the cores. */
const countEveryMs = 100;

export const eventsBench: Bench = {
  name: "events",
  summary:
    "a worker that follows a bucket: from upload, and deletion, to search at 10 objects/s; bursts against one run; a storm",
  run: (options, progress) =>
    withScratch(async (scratch): Promise<Report> => {
      const count = options.documents ?? 600;
      const missing = [(await fakeGcsBinary(progress.tell)).skip, pubSubEmulator().skip].find((skip) => skip !== false);
      if (missing) throw new Unavailable(missing);
      const server = await openBenchServer(progress.tell);
      const closing: (() => Promise<unknown>)[] = [() => server.stop()];
      try {
        const pubSub = await startPubSubEmulator();
        closing.push(() => pubSub.stop());
        const gcs = await startFakeGcs({ pubSubHost: pubSub.host });
        closing.push(() => gcs.stop());
        const environmentOf = (bucket: string, collection: string) => ({
          ...server.environment(collection),
          STORAGE_EMULATOR_HOST: gcs.url,
          PUBSUB_EMULATOR_HOST: pubSub.host,
          GCS_BUCKET_NAME: bucket,
          ISTHMUS_SUBSCRIPTION: subscriptionOf("steady"),
          ISTHMUS_WORKERS: String(options.cores),
          ISTHMUS_ALLOW_MASS_DELETE: "true",
          ISTHMUS_DATA_DIR: join(scratch, collection),
          HOST: "127.0.0.1",
          PORT: "0",
        });
        await gcs.createBucket("steady");
        await pubSub.create("steady");
        await gcs.notify("steady", topicOf("steady"));
        const environment = environmentOf("steady", "BenchEvents");
        progress.tell("starting the worker");
        const worker = await startWorker(environment);
        closing.push(() => stop(worker));
        const { settings } = parseWorkerSettings(environment);
        const runtime = await openRuntime(settings);
        closing.push(() => runtime.close());
        const reader = await runtime.store.openReader(runtime.embedder.identity);
        closing.push(() => reader.close());
        const watcher = watch(reader);
        closing.push(watcher.close);

        const texts = await makeTexts(count + 2 * burst, passageWords, options.corpus);
        progress.tell(`${count} uploads, ${perSecond} a second`);
        const uploaded = await steadily(count, async (index) => {
          const began = performance.now();
          const version = await gcs.upload("steady", `${index}.txt`, texts[index] ?? "", { contentType: "text/plain" });
          return await watcher.until(`gs://steady/${index}.txt`, began, (entry) => entry.current?.version === version);
        });
        progress.tell(`${count} deletions, ${perSecond} a second`);
        const deleted = await steadily(count, async (index) => {
          const began = performance.now();
          await gcs.remove("steady", `${index}.txt`);
          return await watcher.until(`gs://steady/${index}.txt`, began, (entry) => entry.current?.state !== "indexed");
        });
        const found = async (prefix: string) => (await reader.count(`gs://steady/${prefix}`)).documents;
        const uploadAll = (prefix: string, from: number) => uploadBurst(gcs, prefix, texts.slice(from, from + burst));
        progress.tell(`a burst of ${burst}`);
        const burstBegan = performance.now();
        await Promise.all([uploadAll("burst/", count), untilFound(() => found("burst/"))]);
        const burstSeconds = (performance.now() - burstBegan) / 1000;
        progress.tell(`a burst of ${burst} that waits`);
        worker.kill("SIGSTOP");
        const versions = await uploadAll("waiting/", count + burst);
        const waitingBegan = performance.now();
        worker.kill("SIGCONT");
        await untilFound(() => found("waiting/"));
        const waitingSeconds = (performance.now() - waitingBegan) / 1000;
        const memory = highWaterMark(worker.pid ?? -1);
        await stop(worker);
        progress.tell("the same objects by one run");
        const runSeconds = await runJob({
          ...environmentOf("steady", "BenchEventsRun"),
          SOURCE_BLOB_NAME: "waiting/",
        });
        progress.tell(`a storm of ${storm} redeliveries of them`);
        const stormSeconds = await drainStorm(environment, pubSub, [...versions], storm);

        const figure = (subject: string, measure: string, unit: string, sample: number): Figure => {
          return { subject, measure, unit, samples: [sample] };
        };
        const of = (subject: string, seconds: readonly number[]) =>
          [50, 99].map((percent) => figure(subject, `p${percent}`, "s", percentile(seconds, percent)));
        const atMost = (what: string, limit: number, measured: number) =>
          ({ what, bound: "at most", limit, unit: "s", measured }) as const;
        return {
          bench: "events",
          parameters: { documents: count, burst, cores: options.cores, store: "weaviate" },
          figures: [
            ...of("upload to search", uploaded),
            ...of("deletion to search", deleted),
            figure("a burst, from its first upload", "documents", "documents/s", burst / burstSeconds),
            figure("a burst that waits, by the worker", "documents", "documents/s", burst / waitingSeconds),
            figure("the same, by one run", "documents", "documents/s", burst / runSeconds),
            figure("a storm of what is done", "notifications", "notifications/s", storm / stormSeconds),
            ...(memory === undefined ? [] : [figure("worker", "peak memory", "MB", memory / 1e6)]),
          ],
          budgets: [
            atMost("upload to search, p50", 2, percentile(uploaded, 50)),
            atMost("upload to search, p99", 10, percentile(uploaded, 99)),
            atMost("deletion to search, p99", 5, percentile(deleted, 99)),
            {
              what: `a burst of ${burst} objects, share of the rate of one run`,
              bound: "at least",
              limit: 0.9,
              unit: "x",
              measured: runSeconds / waitingSeconds,
            },
            {
              what: `a storm of ${storm} notifications of what is done`,
              bound: "at least",
              limit: 500,
              unit: "notifications/s",
              measured: storm / stormSeconds,
            },
          ],
          notes: [
            "bucket, broker (Google's emulator), Weaviate, worker, uploads and whoever looks share the cores",
            "the burst that waits was uploaded while the worker stood still: a run does not upload what it reads either",
          ],
        };
      } finally {
        for (const close of closing.reverse()) await close().catch(() => undefined);
      }
    }),
};

const program = (name: string) => join(import.meta.dirname, "..", "src/entry", name);

async function startWorker(environment: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const child = spawn(execPath, ["--disable-warning=ExperimentalWarning", program("ingest-worker.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...environment },
  });
  let log = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    log = (log + text).slice(-4_000);
  });
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The worker ended:\n${log}`);
    const port = /"port":(\d+)/.exec(log)?.[1];
    const ready = port !== undefined && (await fetch(`http://127.0.0.1:${port}/readyz`).then(({ ok }) => ok));
    if (ready) return child;
    await sleep(50);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

interface Watcher {
  /** Seconds from `began` until the manifest, which every search asks, says what is wanted of the document. */
  until(uri: string, began: number, wanted: (entry: ManifestEntry) => boolean): Promise<number>;
  close(): Promise<void>;
}

/** Looks at all that is waited for together, now and again. */
function watch(manifest: Pick<Manifest, "entries">): Watcher {
  const waiting = new Map<string, { wanted: (entry: ManifestEntry) => boolean; came: () => void }>();
  let closed = false;
  const look = async () => {
    while (!closed) {
      const uris = [...waiting.keys()].slice(0, mostLooks);
      for (const entry of uris.length === 0 ? [] : await manifest.entries(uris)) {
        if (waiting.get(entry.uri)?.wanted(entry) === true) waiting.get(entry.uri)?.came();
      }
      await sleep(lookEveryMs);
    }
  };
  const looking = look();
  return {
    until: (uri, began, wanted) =>
      new Promise((resolve) => {
        const came = () => {
          waiting.delete(uri);
          resolve((performance.now() - began) / 1000);
        };
        waiting.set(uri, { wanted, came });
      }),
    async close() {
      closed = true;
      await looking;
    },
  };
}

/** Begins one a tenth of a second, whatever became of those before. */
async function steadily(count: number, one: (index: number) => Promise<number>): Promise<number[]> {
  const began = performance.now();
  const all: Promise<number>[] = [];
  for (let index = 0; index < count; index++) {
    const wait = began + (index * 1000) / perSecond - performance.now();
    if (wait > 0) await sleep(wait);
    all.push(one(index));
  }
  return await Promise.all(all);
}

/** @returns the generation of each. */
async function uploadBurst(gcs: FakeGcs, prefix: string, texts: readonly string[]): Promise<Map<string, string>> {
  const versions = new Map<string, string>();
  const names = texts.keys();
  const upload = async () => {
    for (const index of names) {
      const name = `${prefix}${index}.txt`;
      versions.set(name, await gcs.upload("steady", name, texts[index] ?? "", { contentType: "text/plain" }));
    }
  };
  await Promise.all(Array.from({ length: uploadsInFlight }, upload));
  return versions;
}

async function untilFound(count: () => Promise<number>): Promise<void> {
  while ((await count()) < burst) await sleep(countEveryMs);
}

/** @returns seconds of the run itself, as it says. */
async function runJob(environment: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(execPath, ["--disable-warning=ExperimentalWarning", program("ingest-job.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...environment },
  });
  let log = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  await once(child, "close");
  const last: { added?: number; took_ms?: number } = JSON.parse(log.trim().split("\n").at(-1) ?? "{}");
  if (last.added !== burst || last.took_ms === undefined) throw new Error(`The run failed:\n${log.slice(-2_000)}`);
  return last.took_ms / 1000;
}
