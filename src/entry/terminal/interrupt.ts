/** The second Ctrl-C within this time is the same one: the terminal and the bootstrap both pass it on. */
const sameKeyMs = 500;

/** Exit code of a run that a person stopped: 128 + SIGINT, as shells have it. */
export const interruptedExitCode = 130;

/**
 * The first Ctrl-C (or SIGTERM) aborts the signal, for a clean stop; the next one ends the process at once.
 *
 * @param onFirst told once, to say what happens now.
 */
export function listenForInterrupt(onFirst: () => void): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const handle = () => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      onFirst();
      controller.abort(new DOMException("Stopped by a signal.", "AbortError"));
    } else if (now - firstAt > sameKeyMs) {
      // Not process.exit: it would wait for worker threads in the middle of their work, or die of them.
      process.kill(process.pid, "SIGKILL");
    }
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of signals) process.on(name, handle);
  return {
    signal: controller.signal,
    stop() {
      for (const name of signals) process.off(name, handle);
    },
  };
}
