import { readFileSync } from "node:fs";

/** Instruction sets of an x86 processor, as Linux names them; undefined where the system does not tell. */
export function cpuFlags(): ReadonlySet<string> | undefined {
  try {
    const line = /^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1];
    return line === undefined ? undefined : new Set(line.trim().split(/\s+/));
  } catch {
    return undefined; // Only Linux tells.
  }
}

/** The instructions that the int8 model runs about twice as fast with. */
export function hasVnni(flags: ReadonlySet<string>): boolean {
  return flags.has("avx512_vnni") || flags.has("avx_vnni");
}
