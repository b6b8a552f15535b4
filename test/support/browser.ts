import { spawnSync } from "node:child_process";
import { type Browser, chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome"];

/** A browser on the path; what is missing where there is none. @throws with CI=true as root on Linux, where it must be there. */
export function browserBinary(): { readonly path: string; readonly skip: string | false } {
  const path = names.map((name) => spawnSync("which", [name], { encoding: "utf8" }).stdout?.trim()).find(Boolean);
  if (path !== undefined) return { path, skip: false };
  const skip = "the console is tried in a browser, and none is on the path; apt-get install chromium";
  if (process.env["CI"] === "true" && process.platform === "linux" && process.getuid?.() === 0) throw new Error(skip);
  return { path: "", skip };
}

export async function startBrowser(): Promise<Browser> {
  // Root has no sandbox of its own; the pages are ours. A small /dev/shm ends a renderer.
  return await chromium.launch({
    executablePath: browserBinary().path,
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
    timeout: 180_000,
  });
}
