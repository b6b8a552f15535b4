import { IsthmusError } from "../../core/errors.ts";
import type { Output } from "./output.ts";

/** The second Ctrl-C within this time is the same one: the terminal and the bootstrap both pass it on. */
const sameKeyMs = 500;

/** Exit code of a run that a person stopped: 128 + SIGINT, as shells have it. */
export const interruptedExitCode = 130;

/**
 * Runs a command's work so that the first Ctrl-C (or SIGTERM) aborts its signal, for a clean stop, and the next one ends
 * the process at once. Work that gives up because of it (an `AbortError`, `cancelled`) ends with 130.
 *
 * @param sentence told at the first Ctrl-C: what happens now.
 */
export async function interruptible(
  output: Output,
  sentence: string,
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const interrupt = listenForInterrupt(() => output.note(`\n${sentence}`));
  try {
    return await work(interrupt.signal);
  } catch (thrown) {
    if (!interrupt.signal.aborted || !isCancellation(thrown)) throw thrown;
    output.data({ error: { code: "cancelled", message: "Stopped before the work was through." } });
    return interruptedExitCode;
  } finally {
    interrupt.stop();
  }
}

function isCancellation(thrown: unknown): boolean {
  if (thrown instanceof IsthmusError) return thrown.code === "cancelled";
  return thrown instanceof Error && thrown.name === "AbortError";
}

function listenForInterrupt(onFirst: () => void): { readonly signal: AbortSignal; stop(): void } {
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
