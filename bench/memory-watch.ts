import { readdirSync, readFileSync } from "node:fs";
import { platform } from "node:os";

const intervalMs = 100;

export interface MemoryWatch {
  /** Ends the watch. @returns bytes, or undefined where nothing could be read. */
  stop(): number | undefined;
}

/**
 * Follows a process and its children on Linux by `VmHWM` of `/proc/<pid>/status`, the kernel's own high-water mark of
 * resident memory: between two looks it forgets nothing, only growth in the last interval before the end is missed.
 * The figure is that of the largest process, which is the one that ingests; the launcher before it does nothing.
 */
export function createMemoryWatch(pid: number | undefined): MemoryWatch {
  let peak: number | undefined;
  function look(): void {
    if (pid === undefined) return;
    for (const member of family(pid)) {
      const held = highWaterMark(member);
      if (held !== undefined) peak = Math.max(peak ?? 0, held);
    }
  }
  const timer = platform() === "linux" ? setInterval(look, intervalMs) : undefined;
  return {
    stop() {
      clearInterval(timer);
      return peak;
    },
  };
}

function family(pid: number): number[] {
  const members = [pid];
  for (const thread of tryRead(() => readdirSync(`/proc/${pid}/task`)) ?? []) {
    const children = tryRead(() => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8")) ?? "";
    for (const child of children.split(" ").filter((word) => word !== "")) members.push(...family(Number(child)));
  }
  return members;
}

function highWaterMark(pid: number): number | undefined {
  const status = tryRead(() => readFileSync(`/proc/${pid}/status`, "utf8")) ?? "";
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** A process may end while it is looked at. */
function tryRead<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
