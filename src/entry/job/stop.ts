import type { JobLog } from "./log.ts";

/** 128 + SIGTERM, as shells have it: the pod was stopped, and the next one goes on. */
export const stoppedExitCode = 143;

export interface Stop {
  readonly signal: AbortSignal;
  /** Listens no more. */
  end(): void;
}

/**
 * Kubernetes stops a pod by SIGTERM and kills it when its grace period is over. The work is given up at the signal; should
 * it not come to its end in time, the process ends itself: that is safe at any moment, and says why.
 */
export function listenForStop(graceMs: number, log: JobLog): Stop {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) return;
    log.write("NOTICE", `${signal}: the documents in hand are given up; what is indexed stays.`, { signal });
    timer = setTimeout(() => {
      log.write("ERROR", `The work did not end within ${graceMs / 1000} s of ${signal}; the process is killed.`);
      // Not process.exit: it would wait for worker threads in the middle of their work, or die of them.
      process.kill(process.pid, "SIGKILL");
    }, graceMs);
    timer.unref();
    controller.abort(new DOMException("Stopped by a signal.", "AbortError"));
  };
  const signals = ["SIGTERM", "SIGINT"] as const;
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer);
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
