import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { root } from "../support/cli.ts";

/** In the main thread, whose modules a person waits for: as it ends, the packages that it has loaded. */
const hook = `
import { registerHooks } from "node:module";
import { isMainThread } from "node:worker_threads";
import { writeFileSync } from "node:fs";
if (isMainThread) {
  const packages = new Set();
  registerHooks({
    load(url, context, next) {
      const name = /\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1];
      if (name !== undefined) packages.add(name);
      return next(url, context);
    },
  });
  process.on("exit", () => writeFileSync(process.env.LOADED_FILE, JSON.stringify([...packages].sort())));
}`;

test("a command loads no package that it does not use: each takes its time at every start", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-loaded-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const hookFile = join(folder, "hook.mjs");
  const loaded = join(folder, "loaded.json");
  const document = join(folder, "gannet.md");
  writeFileSync(hookFile, hook);
  writeFileSync(document, "# Gannets\n\nThe gannets of the northern cliff come back in the first week of March.");
  const packagesOf = (...words: string[]): string[] => {
    const words_ = ["--disable-warning=ExperimentalWarning", "--import", pathToFileURL(hookFile).href];
    const { status, stderr } = spawnSync(execPath, [...words_, join(root, "src", "entry", "cli.ts"), ...words], {
      encoding: "utf8",
      env: { ...process.env, ISTHMUS_DATA_DIR: join(folder, "data"), LOADED_FILE: loaded, NO_COLOR: "1" },
    });
    assert.equal(status, 0, stderr);
    return JSON.parse(readFileSync(loaded, "utf8"));
  };
  const reading = ["@huggingface/tokenizers", "pend", "stemmer", "yauzl"];
  assert.deepEqual(packagesOf("ingest", document), reading);
  const question = ["ask", "When do the gannets of the northern cliff come back?"];
  assert.deepEqual(packagesOf(...question), reading);
  assert.deepEqual(packagesOf("status"), ["stemmer"]);
});
