import type { JobLog } from "./log.ts";

/** 128 + SIGTERM, as shells have it: the pod was stopped, and the next one goes on. */
export const stoppedExitCode = 143;

export interface Stop {
  /** Fires at the signal: nothing more is begun. */
  readonly stopping: AbortSignal;
  /** Fires when what is in hand is to be given up. */
  readonly signal: AbortSignal;
  /** Listens no more. */
  end(): void;
}

/**
 * Kubernetes stops a pod by SIGTERM and kills it when its grace period is over. The work is given up at the signal; should
 * it not come to its end in time, the process ends itself: that is safe at any moment, and says why.
 *
 * @param finishingShare of the grace period, what the work in hand may take to be finished; 0 gives it up at once.
 */
export function listenForStop(graceMs: number, log: JobLog, finishingShare = 0): Stop {
  const stopping = new AbortController();
  const controller = new AbortController();
  let finishing: NodeJS.Timeout | undefined;
  let timer: NodeJS.Timeout | undefined;
  const giveUp = () => controller.abort(new DOMException("Stopped by a signal.", "AbortError"));
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping.signal.aborted) return;
    const inHand = finishingShare > 0 ? "finished, if that goes quickly" : "given up";
    log.write("NOTICE", `${signal}: the documents in hand are ${inHand}; what is indexed stays.`, { signal });
    stopping.abort(new DOMException("Stopped by a signal.", "AbortError"));
    timer = setTimeout(() => {
      log.write("ERROR", `The work did not end within ${graceMs / 1000} s of ${signal}; the process is killed.`);
      // Not process.exit: it would wait for worker threads in the middle of their work, or die of them.
      process.kill(process.pid, "SIGKILL");
    }, graceMs);
    timer.unref();
    if (finishingShare === 0) return giveUp();
    finishing = setTimeout(giveUp, graceMs * finishingShare);
    finishing.unref();
  };
  const signals = ["SIGTERM", "SIGINT"] as const;
  for (const name of signals) process.on(name, onSignal);
  return {
    stopping: stopping.signal,
    signal: controller.signal,
    end() {
      clearTimeout(timer);
      clearTimeout(finishing);
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
