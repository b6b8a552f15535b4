import { openIngestEngine } from "../../compose/ingest-engine.ts";
import { followBucket } from "../../compose/notifications.ts";
import { openRuntime } from "../../compose/runtime.ts";
import { openSource } from "../../compose/source.ts";
import { placeOf } from "../../compose/store.ts";
import type { Environment } from "../../config/read.ts";
import { parseWorkerSettings, type WorkerSettings } from "../../config/worker.ts";
import { toIsthmusError } from "../../core/errors.ts";
import { closingAll } from "../closing.ts";
import type { JobLog } from "../job/log.ts";
import { isCancellation, writeFailure } from "../job/run.ts";
import { listenForStop, type Stop } from "../job/stop.ts";
import type { Exposition } from "../metrics-server.ts";
import { startHealth } from "./health.ts";
import { createWorkerReport } from "./report.ts";

/** Of the grace period, what the documents in hand may take; the rest is for giving back and closing. */
const finishingShare = 0.7;

/**
 * Keeps the index true to a bucket until it is stopped.
 *
 * @returns the exit code: 0 stopped, 1 it cannot go on.
 */
export async function runWorker(environment: Environment, log: JobLog): Promise<number> {
  try {
    const worker = parseWorkerSettings(environment);
    const stop = listenForStop(worker.graceMs, log, finishingShare);
    try {
      await work(worker, log, stop);
    } catch (thrown) {
      if (!stop.stopping.aborted || !isCancellation(thrown)) throw thrown;
    } finally {
      stop.end();
    }
    return 0;
  } catch (thrown) {
    writeFailure(log, toIsthmusError(thrown), environment);
    return 1;
  }
}

async function work(worker: WorkerSettings, log: JobLog, stop: Stop): Promise<void> {
  const { settings, location, queue } = worker;
  const store = placeOf(settings);
  const waits = new Map([["start", "The worker is starting."]]);
  await closingAll(async (closing) => {
    let exposition: Exposition | undefined;
    const health = await startHealth(worker.health, waits, () => exposition);
    closing.add(() => health.close());
    log.write("INFO", `Keeping ${store} true to ${location}, as ${queue.subscription} tells`, {
      source: location,
      store,
      subscription: queue.subscription,
      port: health.port,
    });
    const source = await openSource(location, settings);
    closing.add(() => source.close());
    const runtime = await openRuntime(settings, { signal: stop.stopping });
    closing.add(() => runtime.close());
    log.correlate(runtime.telemetry?.ids);
    exposition = runtime.telemetry?.exposition;
    // The first document does not wait for it, and what cannot be loaded is told before a message is taken.
    await runtime.embedder.load(stop.stopping);
    const engine = await openIngestEngine(runtime, stop.stopping);
    closing.add(() => engine.close());
    const report = createWorkerReport(log, waits);
    const stopReport = closing.add(async () => report.stop());
    waits.delete("start");
    waits.set("queue", "The stream to Pub/Sub is being opened.");
    await followBucket({
      engine,
      source,
      queue,
      allowMassDelete: settings.allowMassDelete,
      notifications: report.notifications,
      listener: report.following,
      telemetry: runtime.telemetry,
      stopping: stop.stopping,
      signal: stop.signal,
    });
    await stopReport();
    log.write("INFO", "Stopped: nothing more is taken, and what is not done is given back.", report.totals());
  });
}
