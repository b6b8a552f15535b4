import { readdirSync, readFileSync } from "node:fs";

/** What Linux tells of processes under `/proc`. Everything is undefined (or nothing) elsewhere, and of processes gone. */

/** The process and all that it started, and so on. */
export function family(pid: number): number[] {
  const members = [pid];
  for (const thread of tryRead(() => readdirSync(`/proc/${pid}/task`)) ?? []) {
    const children = tryRead(() => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8")) ?? "";
    for (const child of children.split(" ").filter((word) => word !== "")) members.push(...family(Number(child)));
  }
  return members;
}

/** The most memory a process has held so far, bytes: the kernel's own high-water mark of resident memory. */
export function highWaterMark(pid: number): number | undefined {
  return kibibytesOf(pid, "VmHWM");
}

/** The memory a process holds now, bytes. */
export function residentMemory(pid: number): number | undefined {
  return kibibytesOf(pid, "VmRSS");
}

/** Ticks of `/proc/<pid>/stat` a second: USER_HZ, which is 100 on every Linux that Node runs on. */
export const ticksPerSecond = 100;

/** CPU time that all threads of a process have used so far, in user and in system mode: seconds. */
export function cpuSeconds(pid: number): number | undefined {
  const stat = tryRead(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  // The second field is the program's name in brackets, which may hold spaces; utime and stime are fields 14 and 15.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user, system] = [fields?.[11], fields?.[12]];
  return user === undefined || system === undefined ? undefined : (Number(user) + Number(system)) / ticksPerSecond;
}

function kibibytesOf(pid: number, name: string): number | undefined {
  const status = tryRead(() => readFileSync(`/proc/${pid}/status`, "utf8")) ?? "";
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
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
