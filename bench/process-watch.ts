import { platform } from "node:os";
import { cpuSeconds, family, highWaterMark } from "./proc.ts";

const intervalMs = 100;

export interface Watched {
  /** The most memory that any one process held at a time, bytes. */
  readonly peakMemory: number;
  /** CPU time of all processes together, seconds. */
  readonly cpu: number;
}

export interface ProcessWatch {
  /** Ends the watch. @returns undefined where nothing could be read. */
  stop(): Watched | undefined;
}

/**
 * Follows a process and its children on Linux. The kernel keeps the peak and the CPU time itself, so between two looks
 * nothing is forgotten; only what happens in the last interval before the end is missed. The peak is that of the largest
 * process, which is the one that ingests; the launcher before it does nothing.
 */
export function createProcessWatch(pid: number | undefined): ProcessWatch {
  const peaks = new Map<number, number>();
  const times = new Map<number, number>();
  function look(): void {
    if (pid === undefined) return;
    for (const member of family(pid)) {
      const held = highWaterMark(member);
      if (held !== undefined) peaks.set(member, held);
      const used = cpuSeconds(member);
      if (used !== undefined) times.set(member, used);
    }
  }
  const timer = platform() === "linux" ? setInterval(look, intervalMs) : undefined;
  return {
    stop() {
      clearInterval(timer);
      if (peaks.size === 0) return undefined;
      const cpu = [...times.values()].reduce((sum, used) => sum + used, 0);
      return { peakMemory: Math.max(...peaks.values()), cpu };
    },
  };
}
