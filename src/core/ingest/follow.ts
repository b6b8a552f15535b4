import { setImmediate as immediate, setTimeout as sleep } from "node:timers/promises";
import { type IsthmusError, toIsthmusError } from "../errors.ts";
import type { IngestSummary } from "../ingest-types.ts";
import type { Change, Changes, Rescan } from "../ports.ts";
import { type Hinted, type HintResult, joinHints } from "./hints.ts";

/** While the platform is away, it is asked again after so long, doubling up to the longer, with jitter. */
const pauses = { firstMs: 1_000, longestMs: 30_000 } as const;

/** Beside lots that are under way the next one waits so long for more changes. */
const gatherMs = 10;

export interface LotOptions {
  /** Fires when the work in hand is to be given up. */
  readonly signal: AbortSignal;
  /** Told of each URI as soon as it is through. */
  readonly onResult: (result: HintResult) => void;
}

export interface FollowListener {
  /** Changes of one URI ended. */
  result?(result: HintResult, changes: readonly Change[]): void;
  /** A lot, or a scan of the whole place, is through. */
  summary?(summary: IngestSummary, of: "lot" | "scan"): void;
  rescan?(reason: string): void;
  /** A lot ended before it was through, and nothing is wrong with the platform: a mass delete, or a fault of ours. */
  refused?(error: IsthmusError, uris: readonly string[]): void;
  /** The platform is away: what is in hand stays in hand, and is tried again after so many milliseconds. */
  paused?(error: IsthmusError, waitMs: number): void;
  resumed?(): void;
}

export interface Following {
  readonly changes: Changes;
  /** Lots that are worked on at once; one where a lot is judged as a whole. */
  readonly lotsInFlight: number;
  /** Brings the index up to date for a lot of different URIs, none of which is in hand elsewhere. */
  refresh(hints: readonly Hinted[], options: LotOptions): Promise<IngestSummary>;
  /** Brings the index up to date with the whole place. */
  rescan(signal: AbortSignal): Promise<IngestSummary>;
  readonly listener?: FollowListener;
  /** Fires when no more is to be begun; what is in hand is finished. */
  readonly stopping: AbortSignal;
  /** Fires when what is in hand is to be given up too. */
  readonly signal: AbortSignal;
  readonly random?: () => number;
}

/**
 * Keeps an index true to a place that tells of its changes, until it is stopped. What waits is taken as one lot, each URI once;
 * no URI is ever in hand twice at a time. A change ends when its URI is through, whatever the others of its lot do: `done` once
 * the index says what is there or why it cannot, `again` for what may pass by itself. While the platform is away (a `fatal`
 * error) nothing ends: the work in hand waits, no more is taken, and a single URI asks whether it is back.
 *
 * @throws what the place throws; nothing of a single object or lot.
 */
export async function follow(following: Following): Promise<void> {
  const { changes, refresh, rescan, listener = {}, stopping, signal, random = Math.random } = following;
  const stopped = AbortSignal.any([stopping, signal]);
  const waiting = new Map<string, Change[]>();
  const busy = new Set<string>();
  const lots = new Set<Promise<void>>();
  let rescans: Rescan[] = [];
  let unsettled = 0;
  let outages = 0;
  let scanning = false;
  let pause: Promise<void> | undefined;
  let wake = Promise.withResolvers<void>();

  const settle = (settled: readonly (Change | Rescan)[], end: "done" | "again") => {
    unsettled -= settled.length;
    for (const each of settled) each[end]();
    wake.resolve();
  };

  /** What can be worked on now, by URI; when the platform was away, one alone. */
  function take(): Map<string, Change[]> {
    const lot = new Map<string, Change[]>();
    for (const [uri, told] of waiting) {
      if (busy.has(uri)) continue;
      lot.set(uri, told);
      waiting.delete(uri);
      busy.add(uri);
      if (outages > 0) break;
    }
    return lot;
  }

  function back(): void {
    if (outages === 0) return;
    outages = 0;
    listener.resumed?.();
  }

  function away(error: IsthmusError): void {
    if (pause !== undefined) return;
    const longest = Math.min(pauses.longestMs, pauses.firstMs * 2 ** outages);
    const waitMs = Math.max(error.retryAfterMs ?? 0, longest * (0.5 + random() / 2));
    outages++;
    listener.paused?.(error, waitMs);
    pause = sleep(waitMs, undefined, { signal: stopped }).then(
      () => undefined,
      () => undefined,
    );
    void pause.then(() => {
      pause = undefined;
      wake.resolve();
    });
  }

  /** A failure that says nothing of single objects. @returns how changes end; undefined where they stay in hand. */
  function failed(thrown: unknown, uris: readonly string[]): "done" | "again" | undefined {
    if (stopped.aborted) return undefined;
    const error = toIsthmusError(thrown);
    // Set aside in the store: told again, it would only be refused again.
    const heldBack = error.code === "mass_delete_refused";
    if (heldBack || (!error.fatal && error.code !== "source_not_found")) {
      listener.refused?.(error, uris);
      return heldBack ? "done" : "again";
    }
    away(error);
    return undefined;
  }

  async function workOn(lot: Map<string, Change[]>): Promise<void> {
    const hints = [...lot].flatMap(([uri, told]) =>
      joinHints(told.map(({ ref, reindex }) => ({ uri, reindex, ...(ref && { ref }) }))),
    );
    const end = (uri: string, how: "done" | "again") => {
      const told = lot.get(uri) ?? [];
      lot.delete(uri);
      busy.delete(uri);
      settle(told, how);
    };
    try {
      const summary = await refresh(hints, {
        signal,
        onResult(result) {
          const told = lot.get(result.uri);
          if (told === undefined) return;
          if (result.error === undefined || !result.error.fatal) back();
          end(result.uri, result.error?.retryable === true ? "again" : "done");
          listener.result?.(result, told);
        },
      });
      if (!summary.interrupted) {
        listener.summary?.(summary, "lot");
        for (const uri of [...lot.keys()]) end(uri, "again");
      }
    } catch (thrown) {
      const uris = [...lot.keys()];
      const how = failed(thrown, uris);
      if (how !== undefined) for (const uri of uris) end(uri, how);
    }
    // Given up, or the platform is away: they stay in hand.
    for (const [uri, told] of lot) {
      busy.delete(uri);
      waiting.set(uri, [...told, ...(waiting.get(uri) ?? [])]);
    }
  }

  /** A scan finds what any hint knows, and is alone with the place. */
  async function scan(): Promise<void> {
    const asked = rescans;
    const known = [...waiting.values()].flat();
    rescans = [];
    waiting.clear();
    for (const { reason } of asked) listener.rescan?.(reason);
    try {
      const summary = await rescan(signal);
      back();
      settle([...known, ...asked], "done");
      listener.summary?.(summary, "scan");
    } catch (thrown) {
      const how = failed(thrown, []);
      // What the hints said is in the scan that is still to come.
      settle(known, how ?? "done");
      if (how === undefined) rescans.push(...asked);
      else settle(asked, how);
    } finally {
      scanning = false;
    }
  }

  function begin(work: Promise<void>): void {
    const lot = work.finally(() => {
      lots.delete(lot);
      wake.resolve();
    });
    lots.add(lot);
  }

  /** Begins what can be begun. */
  function dispatch(): void {
    if (pause !== undefined || stopped.aborted || scanning) return;
    if (rescans.length > 0) {
      scanning = lots.size === 0;
      if (scanning) begin(scan());
      return;
    }
    if (lots.size >= (outages > 0 ? 1 : following.lotsInFlight)) return;
    const lot = take();
    if (lot.size > 0) begin(workOn(lot));
  }

  const listening = new AbortController();
  let ended = false;
  let failure: { readonly error: unknown } | undefined;
  const hear = async () => {
    try {
      for await (const told of changes.listen(AbortSignal.any([stopped, listening.signal]))) {
        unsettled++;
        if (told.kind === "rescan") rescans.push(told);
        else waiting.set(told.uri, [...(waiting.get(told.uri) ?? []), told]);
        wake.resolve();
      }
    } catch (error) {
      failure = { error };
    }
    ended = true;
    wake.resolve();
  };
  const hearing = hear();
  const onStop = () => wake.resolve();
  stopped.addEventListener("abort", onStop);
  try {
    while (!stopped.aborted && !(ended && unsettled === 0)) {
      wake = Promise.withResolvers();
      // What is told at once becomes one lot: the guard against mass deletes sees it all. Beside other lots it waits for company:
      // a lot is one look at the manifest, whether it has one change or twenty.
      if (lots.size > 0) await sleep(gatherMs);
      else await immediate();
      dispatch();
      await wake.promise;
    }
  } finally {
    stopped.removeEventListener("abort", onStop);
    listening.abort();
    await Promise.all([hearing, ...lots]);
  }
  if (failure !== undefined) throw failure.error;
}
