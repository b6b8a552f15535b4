import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Edge } from "../pipeline/edge/edge.ts";

/** Runs the Job's bundle, its log where `kubectl logs` finds it. @returns the exit code. */
export async function runPod(edge: Edge, pod: string, environment: Readonly<Record<string, string>>): Promise<number> {
  const file = join(edge.folder, "logs", pod);
  const log = createWriteStream(file);
  await once(log, "open");
  const temporary = join(edge.folder, "logs", `${pod}.tmp`);
  mkdirSync(temporary);
  const program = join(edge.folder, "ingest-job/ingest-job.mjs");
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program], {
    cwd: temporary,
    // A pod's environment holds nothing else.
    env: { PATH: "/usr/bin:/bin", TMPDIR: temporary, JOB_COMPLETION_INDEX: "0", ...environment },
    stdio: ["ignore", log, log],
  });
  const [code] = (await once(child, "exit")) as [number | null];
  log.end();
  await once(log, "close");
  writeFileSync(`${file}.whole`, "");
  return code ?? 1;
}
