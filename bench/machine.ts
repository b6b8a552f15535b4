import { readFile } from "node:fs/promises";
import { arch, availableParallelism, cpus, platform, release, totalmem } from "node:os";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** Instruction sets that decide how fast int8 models run; undefined where the system does not tell. */
  readonly avx2: boolean | undefined;
  readonly avx512Vnni: boolean | undefined;
  readonly avxVnni: boolean | undefined;
}

export async function describeMachine(): Promise<Machine> {
  const flags = await cpuFlags();
  return {
    cpu: cpus()[0]?.model.trim() || "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()} ${release()}`,
    node: process.versions.node,
    avx2: flags?.has("avx2"),
    avx512Vnni: flags?.has("avx512_vnni"),
    avxVnni: flags?.has("avx_vnni"),
  };
}

export function machineLine(machine: Machine): string {
  const flag = (name: string, has: boolean | undefined) =>
    `${name} ${has === undefined ? "unknown" : has ? "yes" : "no"}`;
  return [
    machine.cpu,
    `${machine.cores} cores`,
    `${machine.memoryGiB} GiB`,
    flag("AVX2", machine.avx2),
    flag("avx512_vnni", machine.avx512Vnni),
    flag("avx_vnni", machine.avxVnni),
    `Node ${machine.node}`,
  ].join(", ");
}

/** What decides whether figures of two machines may stand side by side. */
export interface Kind extends Pick<Machine, "cpu" | "cores"> {
  readonly avx2?: boolean | undefined;
  readonly avx512Vnni?: boolean | undefined;
  readonly avxVnni?: boolean | undefined;
}

/** In words, the same for two machines of a kind: a processor's name alone ("AMD EPYC") is that of several generations. */
export function kindOf({ cpu, cores, avx2, avx512Vnni, avxVnni }: Kind): string {
  const flags = Object.entries({ AVX2: avx2, avx512_vnni: avx512Vnni, avx_vnni: avxVnni });
  const has = flags.flatMap(([name, there]) => (there === true ? [name] : []));
  const unknown = flags.every(([, there]) => there === undefined);
  const told = unknown ? "instruction sets unknown" : has.length === 0 ? "no AVX2" : has.join(", ");
  return `${cpu}, ${cores} cores, ${told}`;
}

/**
 * Which of two limits a budget has here: int8 models run far faster where the processor multiplies bytes by AVX-512 VNNI
 * than by AVX2 alone.
 *
 * @returns no limit where no budget was set for such a processor, or nobody knows what it has: then nothing is judged. The
 *   note says which limit was taken, and why.
 */
export function limitByInstructionSet(
  machine: Machine,
  limits: { readonly vnni: number; readonly avx2: number },
): { readonly limit: number | undefined; readonly note: string } {
  const neither = `so neither limit is judged (${limits.vnni} with AVX-512 VNNI, ${limits.avx2} with AVX2 alone)`;
  if (machine.avx2 === undefined || machine.avx512Vnni === undefined) {
    return { limit: undefined, note: `this system does not tell the processor's instruction sets, ${neither}` };
  }
  if (machine.avx512Vnni) return { limit: limits.vnni, note: `limit ${limits.vnni}: the processor has AVX-512 VNNI` };
  if (!machine.avx2) return { limit: undefined, note: `the processor has no AVX2, ${neither}` };
  const also = machine.avxVnni === true ? "AVX2 and AVX-VNNI, but not AVX-512 VNNI" : "AVX2 alone";
  return { limit: limits.avx2, note: `limit ${limits.avx2}: the processor has ${also}` };
}

/** Linux alone tells them without another program. */
async function cpuFlags(): Promise<Set<string> | undefined> {
  const text = await readFile("/proc/cpuinfo", "utf8").catch(() => "");
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1];
  return line === undefined ? undefined : new Set(line.trim().split(/\s+/));
}
