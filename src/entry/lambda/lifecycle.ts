import { setTimeout as sleep } from "node:timers/promises";
import { IsthmusError } from "../../core/errors.ts";
import type { SearchEngine } from "../../http/engine.ts";

/** The steps to a working engine. Each may fail, and is then tried again by the next request that needs it. */
export interface EngineSteps<Model> {
  /** Loads the model and runs it once. Needs nothing but this container. */
  loadModel(): Promise<Model>;
  /** Opens the connection to the store, without a key. Only for speed: a search connects by itself. */
  connect(): Promise<void>;
  /** Gets the key and opens the index. Not during INIT, when no key can be had. */
  openEngine(model: Model): Promise<SearchEngine>;
}

export interface Limits {
  /** Milliseconds of INIT for the network. */
  readonly connectMs: number;
  /** Milliseconds of INIT in all: the platform ends it at 10 s, and then everything starts over. */
  readonly initMs: number;
  /** Milliseconds for opening the index, so that one attempt that hangs is not waited for by every later request. */
  readonly openMs: number;
}

export interface Lifecycle {
  /** For the time before the first request. Never rejects: what fails is reported, and tried again when it is needed. */
  initialise(): Promise<void>;
  /** The engine, as soon as every step has succeeded once. @throws what the first failing step threw. */
  engine(): Promise<SearchEngine>;
}

const platformLimits: Limits = { connectMs: 2_000, initMs: 8_000, openMs: 8_000 };

/** @param report told what failed in INIT, for the log. */
export function createLifecycle<Model>(
  steps: EngineSteps<Model>,
  report: (step: string, error: unknown) => void,
  limits: Limits = platformLimits,
): Lifecycle {
  const model = untilItSucceeds(() => steps.loadModel());
  const engine = untilItSucceeds(async () => {
    const loaded = await model();
    return await within(limits.openMs, () => steps.openEngine(loaded), "The index did not open");
  });
  return {
    async initialise() {
      const connected = within(limits.connectMs, () => steps.connect(), "No connection to the store");
      const loaded = within(limits.initMs, model, "The model did not load");
      const [connection, loading] = await Promise.allSettled([connected, loaded]);
      if (connection.status === "rejected") report("connect", connection.reason);
      if (loading.status === "rejected") report("load the model", loading.reason);
    },
    engine,
  };
}

/** Callers of the same moment share one attempt; a success is kept, a failure is not. */
function untilItSucceeds<Result>(attempt: () => Promise<Result>): () => Promise<Result> {
  let current: Promise<Result> | undefined;
  return () => {
    if (current !== undefined) return current;
    const started = Promise.try(attempt);
    current = started;
    started.catch(() => {
      if (current === started) current = undefined;
    });
    return started;
  };
}

/** The work goes on after its time, and nobody hears of its end. */
async function within<Result>(milliseconds: number, start: () => Promise<Result>, what: string): Promise<Result> {
  const work = Promise.try(start);
  work.catch(() => {});
  const ended = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: ended.signal }).then(() => {
    throw new IsthmusError("store_unavailable", `${what} within ${milliseconds} ms.`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    ended.abort();
  }
}
