// Types, style, import direction, unused code: what a machine can check without running anything.
import { packageScript, runNode } from "./run.ts";

const checks = [
  ["types", packageScript("typescript", "tsc")],
  ["types of the console", packageScript("typescript", "tsc"), "-p", "console"],
  ["style and import direction", packageScript("@biomejs/biome", "biome"), "check", "--error-on-warnings", "."],
  ["unused code and dependencies", packageScript("knip", "knip")],
] as const;

export async function check(): Promise<boolean> {
  let clean = true;
  for (const [name, ...command] of checks) {
    process.stdout.write(`check: ${name}\n`);
    if ((await runNode(command)) !== 0) clean = false;
  }
  return clean;
}

if (import.meta.main) process.exitCode = (await check()) ? 0 : 1;
