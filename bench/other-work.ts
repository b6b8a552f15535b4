import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { ticksPerSecond } from "./proc.ts";

/** The share of all cores that other work may take before a bench: above it, its figures are noisy. */
export const quietShare = 0.05;

const lookMs = 2_000;
/** Two minutes. */
const mostLooks = 60;

/** What all cores together have done since the machine started, in ticks. */
export interface CpuTimes {
  readonly busy: number;
  readonly total: number;
}

/** Reads the first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal. */
export function cpuTimes(stat: string): CpuTimes | undefined {
  const ticks = /^cpu +([\d ]+)/
    .exec(stat)?.[1]
    ?.trim()
    .split(" ")
    // What guests use, behind these eight, is part of user time already.
    .slice(0, 8)
    .map(Number);
  if (ticks === undefined) return undefined;
  const total = ticks.reduce((sum, each) => sum + each, 0);
  const [, , , idle = 0, waitingForDisk = 0] = ticks;
  return { busy: total - idle - waitingForDisk, total };
}

/** Of all cores between two readings, 0 to 1, without what this process used itself (seconds). */
export function shareOfOthers(before: CpuTimes, after: CpuTimes, ownSeconds: number): number {
  const busy = after.busy - before.busy - ownSeconds * ticksPerSecond;
  return Math.min(1, Math.max(0, busy / Math.max(1, after.total - before.total)));
}

/**
 * Keeps still for two seconds and sees what others do meanwhile: other processes, and other guests of the same hardware
 * as far as the hypervisor tells.
 *
 * @returns the share of all cores, 0 to 1; undefined where the system is not Linux.
 */
export async function otherWork(): Promise<number | undefined> {
  const read = async () => cpuTimes(await readFile("/proc/stat", "utf8").catch(() => ""));
  const start = process.cpuUsage();
  const before = await read();
  if (before === undefined) return undefined;
  await sleep(lookMs);
  const after = await read();
  const { user, system } = process.cpuUsage(start);
  return after === undefined ? undefined : shareOfOthers(before, after, (user + system) / 1e6);
}

/**
 * Waits until others leave the machine alone, two minutes at most.
 *
 * @returns what they took at last.
 */
export async function waitForQuiet(
  tell: (what: string) => void,
  look: () => Promise<number | undefined> = otherWork,
): Promise<number | undefined> {
  tell("looking whether the machine is quiet");
  let share = await look();
  for (let looks = 1; looks < mostLooks && share !== undefined && share > quietShare; looks += 1) {
    const wait = `${Math.round(((mostLooks - looks) * lookMs) / 1000)} s at most`;
    tell(`waiting for other work to end, ${wait}: it takes ${inPercent(share)} of the cores`);
    share = await look();
  }
  return share;
}

export function inPercent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
