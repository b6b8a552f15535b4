import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execPath } from "node:process";
import { parseArchitecture } from "../scripts/bundle/architecture.ts";
import { bundleProgram } from "../scripts/bundle/esbuild.ts";
import { writeManifest } from "../scripts/bundle/manifest.ts";
import { copyModel } from "../scripts/bundle/model.ts";
import { copyOnnxruntime } from "../scripts/bundle/onnxruntime.ts";
import { copySqliteVec } from "../scripts/bundle/sqlite-vec.ts";

/** As the process ends, what it took on all its threads: looked at from outside, its last moments are missed. */
const tell = `import { writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
if (isMainThread) process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  writeFileSync(process.env.BENCH_CPU_FILE, String((user + system) / 1000));
});`;

/** The command as JavaScript, without what Node does to run its sources. @returns its file. */
export async function compileCli(folder: string): Promise<string> {
  const architecture = parseArchitecture(undefined);
  const workers = [
    "src/adapters/embedder/onnx-worker.ts",
    "src/adapters/parser/sandbox-worker.ts",
    "src/adapters/store/sqlite/writer-worker.ts",
  ];
  await bundleProgram({ entry: "src/entry/cli.ts", workers }, folder);
  await copyOnnxruntime(architecture, folder);
  await copyModel(folder);
  await writeManifest(folder);
  await copySqliteVec(architecture, folder);
  return join(folder, "cli.mjs");
}

/** Runs it to its end. @returns milliseconds of processor time. @throws Error with the end of its stderr. */
export async function cpuOfCli(
  cli: string,
  words: readonly string[],
  dataDir: string,
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const told = `${dataDir}.cpu`;
  const hook = `data:text/javascript,${encodeURIComponent(tell)}`;
  const child = spawn(execPath, ["--import", hook, cli, ...words], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...environment, ISTHMUS_DATA_DIR: dataDir, NO_COLOR: "1", BENCH_CPU_FILE: told },
  });
  const end = () => child.kill("SIGTERM");
  process.on("exit", end);
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (piece: string) => {
    complaints = (complaints + piece).slice(-2000);
  });
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once("error", reject).once("close", resolve),
  );
  process.off("exit", end);
  if (code !== 0) throw new Error(`isthmus ${words.join(" ")} exited with ${code}:\n${complaints}`);
  return Number(await readFile(told, "utf8"));
}
